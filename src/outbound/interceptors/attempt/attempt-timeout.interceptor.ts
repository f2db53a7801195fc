import type { Clock, Timer } from '../../../context/clock.ts';
import type { DeadlineWaiter } from '../../../context/deadline.ts';
import type { LoopLag } from '../../../context/loop-lag.ts';
import { AttemptTimeoutError } from '../../../errors/errors.ts';
import { Frame } from '../../flow.ts';
import type { AttemptLimit } from '../../latency/attempt-limit.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** A source that got less than this had no chance, whatever its usual speed. */
const LEAST_FAIR_MS = 100;
/** A timer may run this much early. */
const TICK_MS = 1;

/**
 * The innermost clock: ends an attempt at its limit, or at the deadline. One that ran out is evidence against the
 * source only if it was fair: time enough for nine of ten recent answers, and a loop of our own that was listening.
 *
 * The limit counts as it stands when it is reached. Attempts that are under way together were all begun with what was
 * known then; the first of them to run out teaches what the source needs, and the others must not pay for it again.
 */
export class AttemptTimeoutInterceptor implements OutboundInterceptor {
  private readonly limits: Limits;

  constructor(limit: AttemptLimit, latency: RecentLatency, loopLag: LoopLag, clock: Clock) {
    this.limits = { limit, latency, loopLag, clock };
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    const timer = new AttemptTimer(call, flow, this.limits);
    flow.onEnd(timer);
    if (timer.start()) next.handle(call, flow);
  }
}

interface Limits {
  readonly limit: AttemptLimit;
  readonly latency: RecentLatency;
  readonly loopLag: LoopLag;
  readonly clock: Clock;
}

class AttemptTimer<T> extends Frame<Fetched<T>> implements DeadlineWaiter {
  private readonly call: OutboundCall<T>;
  private readonly flow: CallFlow<T>;
  private readonly limits: Limits;
  private readonly startedAt: number;
  private timer: Timer | undefined = undefined;
  private isOver = false;

  constructor(call: OutboundCall<T>, flow: CallFlow<T>, limits: Limits) {
    super();
    this.call = call;
    this.flow = flow;
    this.limits = limits;
    this.startedAt = limits.clock.now();
  }

  /** @returns whether there is any time at all */
  start(): boolean {
    // Also where the limit is nearer: the deadline of a shared call comes nearer when somebody leaves.
    this.call.context.deadline.watch(this);
    this.check();
    return !this.isOver;
  }

  expired(): void {
    this.flow.failAt(this, this.timeoutError());
  }

  ended(): void {
    this.isOver = true;
    this.call.context.deadline.unwatch(this);
    if (this.timer !== undefined) this.limits.clock.clearTimeout(this.timer);
  }

  private check(): void {
    if (this.isOver) return;
    const { attempt, context } = this.call;
    const { limit, clock } = this.limits;
    const tookMs = clock.now() - this.startedAt;
    const deadlineMs = context.deadline.leftMs();
    const leftMs = limit.limitMs(attempt, tookMs + deadlineMs) - tookMs;
    // The deadline will end it.
    if (leftMs >= deadlineMs) return;
    if (leftMs < TICK_MS) this.expired();
    else this.timer = clock.setTimeout(() => clock.afterPoll(() => this.check()), leftMs);
  }

  private timeoutError(): AttemptTimeoutError {
    const { latency, loopLag, clock } = this.limits;
    // What it was given is what it took: the deadline of a shared call may have moved on meanwhile.
    const tookMs = clock.now() - this.startedAt;
    const isEnough = tookMs >= Math.max(LEAST_FAIR_MS, latency.quantile(0.9));
    return new AttemptTimeoutError(tookMs, isEnough && !loopLag.wasLateSince(this.startedAt));
  }
}
