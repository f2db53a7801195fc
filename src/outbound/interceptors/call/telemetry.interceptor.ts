import type { Observable } from 'rxjs';
import { layer } from '../../flow.ts';
import type { OutboundListener } from '../../outbound-events.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Tells the listeners how every call ended. */
export class TelemetryInterceptor implements OutboundInterceptor {
  private readonly listeners: readonly OutboundListener[];

  constructor(listeners: readonly OutboundListener[]) {
    this.listeners = listeners.filter((listener) => listener.callEnded !== undefined);
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    if (this.listeners.length === 0) return next.handle(call);
    return layer((flow) => {
      flow.onEnd((end) => {
        for (const listener of this.listeners)
          listener.callEnded?.(call as OutboundCall<unknown>, end);
      });
      return next.handle(call);
    });
  }
}
