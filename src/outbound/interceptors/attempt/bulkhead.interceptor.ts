import { Observable } from 'rxjs';
import type { Bulkhead } from '../../bulkhead/bulkhead.ts';
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
    return new Observable<Fetched<T>>((subscriber) => {
      const place = this.bulkhead.enter(call.context.deadline, {
        granted: (waitedMs) => {
          call.context.trail.queuedMs += waitedMs;
          try {
            next.handle(call).subscribe(subscriber);
          } catch (error) {
            // A bug below must not cost a permit: the teardown gives it back.
            subscriber.error(error);
          }
        },
        refused: (error, waitedMs) => {
          call.context.trail.queuedMs += waitedMs;
          subscriber.error(error);
        },
      });
      return () => call.attempt.wire.whenFree(() => this.bulkhead.leave(place));
    });
  }
}
