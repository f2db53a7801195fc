import type { DeadlineWaiter } from '../../../context/deadline.ts';
import { DeadlineExceededError, ShedError, TooLateError } from '../../../errors/errors.ts';
import type { CallDeadline } from '../../call/call-context.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import { Frame } from '../../flow.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Bounds everything below by the request's deadline, and does not begin what cannot end in time or is shed. */
export class DeadlineInterceptor implements OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const { deadline, isShed } = call.context;
    if (isShed) throw new ShedError();
    if (deadline.leftMs() < LEAST_USEFUL_MS) throw new TooLateError();
    // It watches before anything below does, so that it hears of the expiry last.
    flow.onEnd(new Bound(deadline, flow));
    next.handle(call, flow);
  }
}

class Bound<T> extends Frame<Fetched<T>> implements DeadlineWaiter {
  private readonly deadline: CallDeadline;
  private readonly flow: CallFlow<T>;

  constructor(deadline: CallDeadline, flow: CallFlow<T>) {
    super();
    this.deadline = deadline;
    this.flow = flow;
    deadline.watch(this);
  }

  expired(): void {
    this.flow.failAt(this, new DeadlineExceededError());
  }

  ended(): void {
    this.deadline.unwatch(this);
  }
}
