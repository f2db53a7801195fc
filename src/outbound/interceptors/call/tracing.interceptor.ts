import { Frame, type End } from '../../flow.ts';
import { outcomeOf } from '../attempt/attempt.interceptor.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** A span a call, of requests that are traced. */
export class TracingInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const { trace } = call.context;
    if (trace !== undefined) {
      call.context.callTrace = trace.beginCall(call.source);
      flow.onEnd(new CallSpan(call));
    }
    next.handle(call, flow);
  }
}

class CallSpan<T> extends Frame<Fetched<T>> {
  private readonly call: OutboundCall<T>;

  constructor(call: OutboundCall<T>) {
    super();
    this.call = call;
  }

  ended(end: End<Fetched<T>>): void {
    const { callTrace, cache, isCoalesced, trail } = this.call.context;
    callTrace?.end({
      outcome: outcomeOf(end),
      staleReason: end.kind === 'value' ? end.value.remembered?.reason : undefined,
      cache,
      isCoalesced,
      queuedMs: trail.queuedMs,
      attempts: trail.attempts,
    });
  }
}
