import type { Clock, Timer } from '../../../context/clock.ts';
import { CallError, RefusedError } from '../../../errors/errors.ts';
import type { Random } from '../../../instances/balancer.ts';
import type { BreakerGate } from '../../breaker/breaker-gate.ts';
import type { RetryBudget } from '../../budget/retry-budget.ts';
import { Attempt } from '../../call/attempt.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import { LONGEST_PAUSE_MS } from '../../call/longest-pause.ts';
import { consequenceOf } from '../../failure-policy.ts';
import { Frame, type End } from '../../flow.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import {
  enter,
  type CallFlow,
  type Fetched,
  type OutboundCall,
  type OutboundHandler,
  type OutboundInterceptor,
} from '../../outbound.interceptor.ts';

export interface RetryParts {
  /** Most retries of a call, 1 or more. */
  readonly retries: number;
  readonly budget: RetryBudget;
  readonly breaker: BreakerGate;
  readonly latency: RecentLatency;
  readonly clock: Clock;
  readonly random: Random;
}

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
    new Try({ call, flow, next, retried: 0, earlier: undefined }, this.parts).begin();
  }
}

interface Asked<T> {
  readonly call: OutboundCall<T>;
  readonly flow: CallFlow<T>;
  readonly next: OutboundHandler;
  readonly retried: number;
  /** What the attempt before this one failed with. */
  readonly earlier: unknown;
}

class Try<T> extends Frame<Fetched<T>> {
  private readonly asked: Asked<T>;
  private readonly parts: RetryParts;

  constructor(asked: Asked<T>, parts: RetryParts) {
    super();
    this.asked = asked;
    this.parts = parts;
  }

  begin(): void {
    const { call, flow, next, retried } = this.asked;
    call.attempt.isLast = retried >= this.parts.retries;
    flow.onEnd(this);
    next.handle(call, flow);
  }

  ended(end: End<Fetched<T>>): 'goes on' | void {
    if (end.kind !== 'error') return undefined;
    const { retried, earlier, flow } = this.asked;
    const { error } = end;
    const waitMs = retried < this.parts.retries ? this.pauseMs(error) : undefined;
    if (waitMs !== undefined) new Pause(this.asked, this.parts, error).begin(waitMs);
    // Refused by ourselves: what the source said before that is what happened.
    else if (earlier !== undefined && error instanceof RefusedError) flow.error(earlier);
    else return undefined;
    return 'goes on';
  }

  /** How long to wait before the next attempt, which is paid for; undefined when there is to be none. */
  private pauseMs(error: unknown): number | undefined {
    const { context } = this.asked.call;
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

/** Between two attempts. */
class Pause<T> extends Frame<Fetched<T>> {
  private readonly asked: Asked<T>;
  private readonly parts: RetryParts;
  private readonly error: unknown;
  private timer: Timer | undefined;

  constructor(
    asked: Asked<T>,
    parts: RetryParts,
    /** What the last attempt failed with. */
    error: unknown,
  ) {
    super();
    this.asked = asked;
    this.parts = parts;
    this.error = error;
  }

  begin(waitMs: number): void {
    this.timer = this.parts.clock.setTimeout(() => this.over(), waitMs);
    this.asked.flow.onEnd(this);
  }

  ended(): void {
    if (this.timer !== undefined) this.parts.clock.clearTimeout(this.timer);
  }

  private over(): void {
    const { call, flow, retried } = this.asked;
    // It may have been a longer wait than meant: the loop was late, or who had more time has left.
    if (call.context.deadline.leftMs() < LEAST_USEFUL_MS) return flow.failAt(this, this.error);
    const another = { ...call, attempt: new Attempt('retry') };
    const asked = { ...this.asked, call: another, retried: retried + 1, earlier: this.error };
    enter({ handle: () => new Try(asked, this.parts).begin() }, another, flow);
  }
}
