import type { Observable } from 'rxjs';
import { layer } from '../../flow.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';
import { outcomeOf } from './attempt.interceptor.ts';

/** A span an attempt, of calls that are traced; the source is told to be part of it. */
export class AttemptTracingInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    const { callTrace } = call.context;
    if (callTrace === undefined) return next.handle(call);
    const { attempt } = call;
    return layer((flow) => {
      const trace = callTrace.beginAttempt(attempt);
      attempt.trace = trace;
      flow.onEnd((end) => trace.end(outcomeOf(end), attempt.wire.statusCode));
      return next.handle(call);
    });
  }
}
