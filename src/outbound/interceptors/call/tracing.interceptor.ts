import type { Observable } from 'rxjs';
import { layer, type End } from '../../flow.ts';
import { outcomeOf } from '../attempt/attempt.interceptor.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** A span a call, of requests that are traced. */
export class TracingInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    const { trace } = call.context;
    if (trace === undefined) return next.handle(call);
    return layer((flow) => {
      call.context.callTrace = trace.beginCall(call.source);
      flow.onEnd((end) => endOf(call.context, end));
      return next.handle(call);
    });
  }
}

function endOf(context: OutboundCall<unknown>['context'], end: End<Fetched<unknown>>): void {
  const { callTrace, cache, isCoalesced, trail } = context;
  callTrace?.end({
    outcome: outcomeOf(end),
    staleReason: end.kind === 'value' ? end.value.remembered?.reason : undefined,
    cache,
    isCoalesced,
    queuedMs: trail.queuedMs,
    attempts: trail.attempts,
  });
}
