import type { Clock, Timer } from '../../context/clock.ts';
import { CallError, RefusedError } from '../../errors/errors.ts';
import type { Random } from '../../instances/balancer.ts';
import type { BreakerGate } from '../breaker/breaker-gate.ts';
import type { RetryBudget } from '../budget/retry-budget.ts';
import { Attempt } from '../call/attempt.ts';
import { LEAST_USEFUL_MS } from '../call/least-useful.ts';
import { LONGEST_PAUSE_MS } from '../call/longest-pause.ts';
import { consequenceOf } from '../failure-policy.ts';
import { Frame, type End } from '../flow.ts';
import type { RecentLatency } from '../latency/recent-latency.ts';
import type { CallFlow, Fetched, OutboundCall, OutboundHandler } from '../outbound.interceptor.ts';

export interface RetryParts {
  /** Most retries of a call, 1 or more. */
  readonly retries: number;
  readonly budget: RetryBudget;
  readonly breaker: BreakerGate;
  readonly latency: RecentLatency;
  readonly clock: Clock;
  readonly random: Random;
}

/** One attempt of a call, which may be followed by another one. */
export class Try<T> extends Frame<Fetched<T>> {
  readonly call: OutboundCall<T>;
  readonly flow: CallFlow<T>;
  private readonly next: OutboundHandler;
  private readonly parts: RetryParts;
  /** What the attempt before this one failed with. */
  private readonly earlier: Failure | undefined;

  constructor(
    call: OutboundCall<T>,
    flow: CallFlow<T>,
    next: OutboundHandler,
    parts: RetryParts,
    earlier?: Failure,
  ) {
    super();
    this.call = call;
    this.flow = flow;
    this.next = next;
    this.parts = parts;
    this.earlier = earlier;
  }

  begin(): void {
    this.call.attempt.isLast = this.retried >= this.parts.retries;
    this.flow.onEnd(this);
    this.next.handle(this.call, this.flow);
  }

  ended(end: End<Fetched<T>>): 'goes on' | void {
    if (end.kind !== 'error') return undefined;
    const { error } = end;
    const waitMs = this.retried < this.parts.retries ? this.pauseMs(error) : undefined;
    if (waitMs !== undefined) this.pause(waitMs, error);
    // Refused by ourselves: what the source said before that is what happened.
    else if (this.earlier !== undefined && error instanceof RefusedError)
      this.flow.error(this.earlier.error);
    else return undefined;
    return 'goes on';
  }

  private get retried(): number {
    return this.earlier?.count ?? 0;
  }

  private pause(waitMs: number, error: unknown): void {
    const failure = { error, count: this.retried + 1 };
    const again = { ...this.call, attempt: new Attempt('retry') };
    const next = new Try(again, this.flow, this.next, this.parts, failure);
    new Pause(next, error, this.parts.clock).begin(waitMs);
  }

  /** How long to wait before the next attempt, which is paid for; undefined when there is to be none. */
  private pauseMs(error: unknown): number | undefined {
    const { context } = this.call;
    const { breaker, budget, latency, random } = this.parts;
    if (!consequenceOf(error).retry || breaker.peek() !== undefined) return undefined;
    // A call has its extra attempt for one reason: slowness or failure, not both.
    if (context.trail.attempts.some(({ kind }) => kind === 'hedge')) return undefined;
    const askedMs = error instanceof CallError ? (error.retryAfterMs ?? 0) : 0;
    // On top of what was asked for: many were told the same at the same time.
    const pauseMs = askedMs + random() * LONGEST_PAUSE_MS;
    const usualMs = Math.max(LEAST_USEFUL_MS, latency.quantile(0.5));
    if (context.deadline.leftMs() - pauseMs < usualMs) return undefined;
    return budget.withdraw('retry') ? pauseMs : undefined;
  }
}

interface Failure {
  readonly error: unknown;
  /** Of failed attempts by now. */
  readonly count: number;
}

/** Between two attempts. */
class Pause<T> extends Frame<Fetched<T>> {
  private readonly next: Try<T>;
  private readonly error: unknown;
  private readonly clock: Clock;
  private timer: Timer | undefined = undefined;

  /** @param error of the attempt before it */
  constructor(next: Try<T>, error: unknown, clock: Clock) {
    super();
    this.next = next;
    this.error = error;
    this.clock = clock;
  }

  begin(waitMs: number): void {
    this.timer = this.clock.setTimeout(() => this.over(), waitMs);
    this.next.flow.onEnd(this);
  }

  ended(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
  }

  private over(): void {
    const { call, flow } = this.next;
    // It may have been a longer wait than meant: the loop was late, or who had more time has left.
    if (call.context.deadline.leftMs() < LEAST_USEFUL_MS) return flow.failAt(this, this.error);
    try {
      this.next.begin();
    } catch (error) {
      flow.error(error);
    }
  }
}
