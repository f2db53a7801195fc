import { Frame, type End } from '../../flow.ts';
import type { OutboundListener } from '../../outbound-events.ts';
import type {
  CallFlow,
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

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    if (this.listeners.length > 0) flow.onEnd(new Told(this.listeners, call));
    next.handle(call, flow);
  }
}

class Told<T> extends Frame<Fetched<T>> {
  private readonly listeners: readonly OutboundListener[];
  private readonly call: OutboundCall<unknown>;

  constructor(listeners: readonly OutboundListener[], call: OutboundCall<T>) {
    super();
    this.listeners = listeners;
    this.call = call as OutboundCall<unknown>;
  }

  ended(end: End<Fetched<T>>): void {
    for (const listener of this.listeners) listener.callEnded?.(this.call, end);
  }
}
