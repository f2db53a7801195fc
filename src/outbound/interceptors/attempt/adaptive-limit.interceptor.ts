import type { Observable } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import type { AdaptiveLimit } from '../../bulkhead/adaptive-limit.ts';
import type { Bulkhead } from '../../bulkhead/bulkhead.ts';
import { consequenceOf } from '../../failure-policy.ts';
import { layer } from '../../flow.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Tells the adaptive limit how the attempts under its permits end. */
export class AdaptiveLimitInterceptor implements OutboundInterceptor {
  private readonly limit: AdaptiveLimit;
  private readonly bulkhead: Bulkhead;
  private readonly clock: Clock;

  constructor(limit: AdaptiveLimit, bulkhead: Bulkhead, clock: Clock) {
    this.limit = limit;
    this.bulkhead = bulkhead;
    this.clock = clock;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      const sentAt = this.clock.now();
      flow.onEnd((end) => {
        if (end.kind === 'value') this.limit.answered(sentAt, this.bulkhead.inFlight);
        else if (end.kind === 'error' && consequenceOf(end.error).isDrop)
          this.limit.dropped(sentAt);
      });
      return next.handle(call);
    });
  }
}
