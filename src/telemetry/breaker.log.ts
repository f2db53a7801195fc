import { Injectable, Logger } from '@nestjs/common';
import type { BreakerState } from '../outbound/breaker/breaker-gate.ts';
import type { OutboundListener } from '../outbound/outbound-events.ts';

/** Says in the log when a breaker changes: the first thing an operator looks for. */
@Injectable()
export class BreakerLog implements OutboundListener {
  private readonly logger = new Logger('Breaker');

  breakerChanged(source: string, to: BreakerState, from: BreakerState): void {
    const line = `${source}: ${from} -> ${to}`;
    if (to === 'open') this.logger.warn(line);
    else this.logger.warn(line);
  }
}
