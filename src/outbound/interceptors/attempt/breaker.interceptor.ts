import type { Observable } from 'rxjs';
import type { BreakerGate } from '../../breaker/breaker-gate.ts';
import { consequenceOf, type Verdict } from '../../failure-policy.ts';
import { layer, type End } from '../../flow.ts';
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
    return layer((flow) => {
      const pass = this.gate.acquire();
      flow.onEnd((end) => {
        // The loser of a hedge: its call has been answered, and says nothing of the source any more.
        this.gate.release(pass, call.attempt.isAbandoned ? 'neutral' : verdictOn(end));
      });
      return next.handle(call);
    });
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
