import { Module } from '@nestjs/common';
import { BreakerLog } from '../telemetry/breaker.log.ts';
import { TransportModule } from '../transport/transport.module.ts';
import { OUTBOUND_LISTENERS } from './outbound-events.ts';
import { Outbound } from './outbound.ts';

@Module({
  imports: [TransportModule],
  providers: [
    Outbound,
    BreakerLog,
    {
      provide: OUTBOUND_LISTENERS,
      inject: [BreakerLog],
      useFactory: (...listeners: unknown[]) => listeners,
    },
  ],
  exports: [Outbound],
})
export class OutboundModule {}
