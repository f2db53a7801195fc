import { Module } from '@nestjs/common';
import { OutboundModule } from '../outbound/outbound.module.ts';
import { SOURCES } from './sources.ts';

@Module({
  imports: [OutboundModule],
  providers: [...SOURCES],
  exports: [...SOURCES],
})
export class ClientsModule {}
