import { StaleSocketError } from '../../../errors/errors.ts';
import { Attempt } from '../../call/attempt.ts';
import { Frame, type End } from '../../flow.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/**
 * A source may close an idle connection in the moment we send on it. That says nothing about the source, and it has
 * seen no request: once, it goes out again over a new connection, under the same permit and the same pass of the
 * breaker, and to another instance where there is one, as the one that closes its connections may be about to leave.
 */
export class StaleSocketInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    flow.onEnd(new OnceMore(call, flow, next));
    next.handle(call, flow);
  }
}

class OnceMore<T> extends Frame<Fetched<T>> {
  private readonly call: OutboundCall<T>;
  private readonly flow: CallFlow<T>;
  private readonly next: OutboundHandler;

  constructor(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler) {
    super();
    this.call = call;
    this.flow = flow;
    this.next = next;
  }

  ended(end: End<Fetched<T>>): 'goes on' | void {
    if (end.kind !== 'error' || !(end.error instanceof StaleSocketError)) return undefined;
    this.next.handle(onceMore(this.call), this.flow);
    return 'goes on';
  }
}

function onceMore<T>(call: OutboundCall<T>): OutboundCall<T> {
  const { wire, isLast } = call.attempt;
  const attempt = new Attempt('retry', wire);
  attempt.isLast = isLast;
  attempt.onNewConnection = true;
  return { ...call, attempt };
}
