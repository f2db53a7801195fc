import type { Clock } from '../../../context/clock.ts';
import type { AdaptiveLimit } from '../../bulkhead/adaptive-limit.ts';
import type { Bulkhead } from '../../bulkhead/bulkhead.ts';
import { consequenceOf } from '../../failure-policy.ts';
import { Frame, type End } from '../../flow.ts';
import type {
  CallFlow,
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

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    flow.onEnd(new Judged(this.limit, this.bulkhead, this.clock.now()));
    next.handle(call, flow);
  }
}

class Judged<T> extends Frame<Fetched<T>> {
  private readonly limit: AdaptiveLimit;
  private readonly bulkhead: Bulkhead;
  private readonly sentAt: number;

  constructor(limit: AdaptiveLimit, bulkhead: Bulkhead, sentAt: number) {
    super();
    this.limit = limit;
    this.bulkhead = bulkhead;
    this.sentAt = sentAt;
  }

  ended(end: End<Fetched<T>>): void {
    if (end.kind === 'value') this.limit.answered(this.sentAt, this.bulkhead.inFlight);
    else if (end.kind === 'error' && consequenceOf(end.error).isDrop)
      this.limit.dropped(this.sentAt);
  }
}
