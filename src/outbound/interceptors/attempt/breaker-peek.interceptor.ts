import type { BreakerGate } from '../../breaker/breaker-gate.ts';
import type {
  CallFlow,
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

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const refusal = this.gate.peek();
    if (refusal !== undefined) throw refusal;
    next.handle(call, flow);
  }
}
