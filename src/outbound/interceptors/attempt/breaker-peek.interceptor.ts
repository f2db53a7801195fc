import { throwError, type Observable } from 'rxjs';
import type { BreakerGate } from '../../breaker/breaker-gate.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Refuses before queueing what the breaker would refuse after it. */
export class BreakerPeekInterceptor implements OutboundInterceptor {
  private readonly gate: BreakerGate;

  constructor(gate: BreakerGate) {
    this.gate = gate;
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    const refusal = this.gate.peek();
    return refusal === undefined ? next.handle(call) : throwError(() => refusal);
  }
}
