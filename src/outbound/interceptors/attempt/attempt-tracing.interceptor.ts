import type { AttemptTrace } from '../../../context/request/trace.ts';
import type { Attempt } from '../../call/attempt.ts';
import { Frame, type End } from '../../flow.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';
import { outcomeOf } from './attempt.interceptor.ts';

/** A span an attempt, of calls that are traced; the source is told to be part of it. */
export class AttemptTracingInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const { attempt, context } = call;
    if (context.callTrace !== undefined) {
      attempt.trace = context.callTrace.beginAttempt(attempt);
      flow.onEnd(new AttemptSpan(attempt.trace, attempt));
    }
    next.handle(call, flow);
  }
}

class AttemptSpan<T> extends Frame<Fetched<T>> {
  private readonly trace: AttemptTrace;
  private readonly attempt: Attempt;

  constructor(trace: AttemptTrace, attempt: Attempt) {
    super();
    this.trace = trace;
    this.attempt = attempt;
  }

  ended(end: End<Fetched<T>>): void {
    this.trace.end(outcomeOf(end), this.attempt.wire.statusCode);
  }
}
