import type { Observable } from 'rxjs';
import type { Bulkhead, Place } from '../../bulkhead/bulkhead.ts';
import type { Attempt } from '../../call/attempt.ts';
import { layer, type Flow } from '../../flow.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** One permit an attempt, from before its first byte until its socket is done with it. */
export class BulkheadInterceptor implements OutboundInterceptor {
  private readonly bulkhead: Bulkhead;

  constructor(bulkhead: Bulkhead) {
    this.bulkhead = bulkhead;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      const place = this.bulkhead.tryEnter();
      if (place === undefined) return this.standInLine(call, next, flow);
      flow.onEnd(() => this.leave(place, call.attempt));
      return next.handle(call);
    });
  }

  private standInLine<T>(
    call: OutboundCall<T>,
    next: OutboundHandler,
    flow: Flow<Fetched<T>>,
  ): void {
    const { trail, deadline } = call.context;
    let place: Place | undefined;
    const leave = (): void => {
      if (place !== undefined) this.leave(place, call.attempt);
    };
    flow.onEnd(leave);
    place = this.bulkhead.enter(deadline, {
      granted: (waitedMs) => {
        trail.queuedMs += waitedMs;
        // A bug below must not cost a permit: what the layer throws is the call's error.
        flow.follow(layer(() => next.handle(call)));
      },
      refused: (error, waitedMs) => {
        trail.queuedMs += waitedMs;
        flow.failAt(leave, error);
      },
    });
  }

  private leave(place: Place, { wire }: Attempt): void {
    wire.whenFree(() => this.bulkhead.leave(place));
  }
}
