import type { Observable } from 'rxjs';
import type { BreakerGate, Pass } from '../../breaker/breaker-gate.ts';
import { consequenceOf, type Verdict } from '../../failure-policy.ts';
import { observeEnd, type End } from '../../observe-end.ts';
import type {
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

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    let pass: Pass | undefined;
    return observeEnd(
      () => {
        pass = this.gate.acquire();
        return next.handle(call);
      },
      (end) => {
        if (pass === undefined) return;
        // The loser of a hedge: its call has been answered, and says nothing of the source any more.
        this.gate.release(pass, call.attempt.isAbandoned ? 'neutral' : verdictOn(end));
      },
    );
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
