import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { OutboundModule } from '../outbound/outbound.module.ts';
import { HealthController } from './health.controller.ts';

@Module({
  // A failed check is a readiness that says so, not an error to log every second.
  imports: [TerminusModule.forRoot({ logger: false }), OutboundModule],
  controllers: [HealthController],
})
export class HealthModule {}
