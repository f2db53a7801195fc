import { Module } from '@nestjs/common';
import { TransportModule } from '../transport/transport.module.ts';
import { Outbound } from './outbound.ts';

@Module({
  imports: [TransportModule],
  providers: [Outbound],
  exports: [Outbound],
})
export class OutboundModule {}
