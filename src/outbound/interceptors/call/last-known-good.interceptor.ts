import type { Clock, Timer } from '../../../context/clock.ts';
import type { DeadlineWaiter } from '../../../context/deadline.ts';
import { consequenceOf } from '../../failure-policy.ts';
import { Frame, type End } from '../../flow.ts';
import type { LastKnownGood } from '../../last-known-good/last-known-good.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** How long before the deadline the other replicas are asked: for Redis, and for a loop that is late. */
export const AHEAD_MS = 50;

/**
 * Remembers good answers, and gives one for an answer that does not come, or without asking while it is fresh enough.
 * It never waits before it asks, and after a failure for a few ms at most.
 */
export class LastKnownGoodInterceptor implements OutboundInterceptor {
  private readonly memory: LastKnownGood;
  private readonly clock: Clock;

  constructor(memory: LastKnownGood, clock: Clock) {
    this.memory = memory;
    this.clock = clock;
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const { memory, clock } = this;
    const fresh = memory.fresh(call);
    if (fresh !== undefined) {
      call.context.cache = 'hit';
      return flow.next({ value: fresh.value, remembered: { ageMs: fresh.ageMs } });
    }
    if (memory.isShared && !memory.has(call)) flow.onEnd(new ReadAhead(call, memory, clock));
    flow.onEnd(new StandIn(call, flow, memory));
    next.handle(call, flow);
  }
}

/** At the deadline there is no time left to ask the other replicas: they are asked a little before it. */
class ReadAhead<T> extends Frame<Fetched<T>> {
  private readonly clock: Clock;
  private readonly timer: Timer;

  constructor(call: OutboundCall<T>, memory: LastKnownGood, clock: Clock) {
    super();
    this.clock = clock;
    this.timer = clock.setTimeout(
      () => void memory.recallShared(call),
      Math.max(0, call.context.deadline.leftMs() - AHEAD_MS),
    );
  }

  ended(): void {
    this.clock.clearTimeout(this.timer);
  }
}

/** Remembers a good answer, and has one instead of an answer that does not come. */
class StandIn<T> extends Frame<Fetched<T>> {
  private readonly call: OutboundCall<T>;
  private readonly flow: CallFlow<T>;
  private readonly memory: LastKnownGood;

  constructor(call: OutboundCall<T>, flow: CallFlow<T>, memory: LastKnownGood) {
    super();
    this.call = call;
    this.flow = flow;
    this.memory = memory;
  }

  ended(end: End<Fetched<T>>): 'goes on' | void {
    if (end.kind === 'error') return this.instead(end.error);
    if (end.kind === 'value' && end.value.body !== undefined)
      this.memory.remember(this.call, end.value.body);
  }

  private instead(error: unknown): 'goes on' | void {
    const { call, flow, memory } = this;
    const { recall } = consequenceOf(error);
    if (recall === 'erase') memory.forget(call);
    if (recall !== 'serve') return undefined;
    const remembered = rememberedFor(call, error, memory);
    if (remembered !== undefined) flow.next(remembered);
    else if (!memory.isShared || call.context.deadline.leftMs() <= 0) return undefined;
    else new AskReplicas(call, flow, memory, error).begin();
    return 'goes on';
  }
}

/** Whichever comes first: what the other replicas know, or the deadline. */
class AskReplicas<T> extends Frame<Fetched<T>> implements DeadlineWaiter {
  private readonly call: OutboundCall<T>;
  private readonly flow: CallFlow<T>;
  private readonly memory: LastKnownGood;
  private readonly error: unknown;
  private isOver = false;

  constructor(
    call: OutboundCall<T>,
    flow: CallFlow<T>,
    memory: LastKnownGood,
    /** What they are to stand in for. */
    error: unknown,
  ) {
    super();
    this.call = call;
    this.flow = flow;
    this.memory = memory;
    this.error = error;
  }

  begin(): void {
    this.flow.onEnd(this);
    this.call.context.deadline.watch(this);
    void this.memory.recallShared(this.call).then(() => this.settle());
  }

  expired(): void {
    this.settle();
  }

  ended(): void {
    this.isOver = true;
    this.call.context.deadline.unwatch(this);
  }

  private settle(): void {
    if (this.isOver) return;
    const remembered = rememberedFor(this.call, this.error, this.memory);
    if (remembered === undefined) this.flow.failAt(this, this.error);
    else this.flow.next(remembered);
  }
}

/** @param error that it stands in for */
function rememberedFor<T>(
  call: OutboundCall<T>,
  error: unknown,
  memory: LastKnownGood,
): Fetched<T> | undefined {
  const remembered = memory.stale(call);
  if (remembered === undefined) return undefined;
  call.context.cache = 'stale';
  const { value, ageMs } = remembered;
  return { value, remembered: { ageMs, reason: consequenceOf(error).reason } };
}
