import type {
  CallFlow,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';
import { Try, type RetryParts } from '../../retry/try.ts';

/**
 * Tries a failed call again where that can help: for failures that another attempt may not meet, within the budget,
 * and only when the time left fits a usual answer. Nothing is held while it waits.
 */
export class RetryInterceptor implements OutboundInterceptor {
  private readonly parts: RetryParts;

  constructor(parts: RetryParts) {
    this.parts = parts;
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    new Try(call, flow, next, this.parts).begin();
  }
}
