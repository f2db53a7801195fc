import type { BreakerGate, Pass } from '../../breaker/breaker-gate.ts';
import type { Attempt } from '../../call/attempt.ts';
import { consequenceOf, type Verdict } from '../../failure-policy.ts';
import { Frame, type End } from '../../flow.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Asks the breaker once more at the moment of sending, and tells it what the attempt says about the source. */
export class BreakerInterceptor implements OutboundInterceptor {
  private readonly gate: BreakerGate;

  constructor(gate: BreakerGate) {
    this.gate = gate;
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    flow.onEnd(new Passed(this.gate, this.gate.acquire(), call.attempt));
    next.handle(call, flow);
  }
}

class Passed<T> extends Frame<Fetched<T>> {
  private readonly gate: BreakerGate;
  private readonly pass: Pass;
  private readonly attempt: Attempt;

  constructor(gate: BreakerGate, pass: Pass, attempt: Attempt) {
    super();
    this.gate = gate;
    this.pass = pass;
    this.attempt = attempt;
  }

  ended(end: End<unknown>): void {
    // The loser of a hedge: its call has been answered, and says nothing of the source any more.
    this.gate.release(this.pass, this.attempt.isAbandoned ? 'neutral' : verdictOn(end));
  }
}

function verdictOn(end: End<unknown>): Verdict {
  switch (end.kind) {
    case 'value':
      return 'success';
    case 'error':
      return consequenceOf(end.error).verdict;
    case 'cancel':
      return 'neutral';
    default:
      return end satisfies never;
  }
}
