import { Logger } from '@nestjs/common';
import type { BreakerState } from '../outbound/breaker/breaker-gate.ts';
import type { OutboundListener } from '../outbound/outbound-events.ts';

/** Says in the log when a breaker changes: the first thing an operator looks for. */
export class BreakerLog implements OutboundListener {
  private readonly logger = new Logger('Breaker');

  breakerChanged(source: string, to: BreakerState, from: BreakerState): void {
    this.logger.warn(`${source}: ${from} -> ${to}`);
  }
}
