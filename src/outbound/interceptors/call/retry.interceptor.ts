import { throwError, type Observable } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import { CallError, RefusedError } from '../../../errors/errors.ts';
import type { Random } from '../../../instances/balancer.ts';
import type { BreakerGate } from '../../breaker/breaker-gate.ts';
import type { RetryBudget } from '../../budget/retry-budget.ts';
import { Attempt } from '../../call/attempt.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import { LONGEST_PAUSE_MS } from '../../call/longest-pause.ts';
import { consequenceOf } from '../../failure-policy.ts';
import { layer } from '../../flow.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
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

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return this.attempt(call, next, 0);
  }

  /** @param earlier what the attempt before this one failed with */
  private attempt<T>(
    call: OutboundCall<T>,
    next: OutboundHandler,
    retried: number,
    earlier?: unknown,
  ): Observable<Fetched<T>> {
    const { retries } = this.parts;
    return layer((flow) => {
      call.attempt.isLast = retried >= retries;
      flow.onEnd((end) => {
        if (end.kind !== 'error') return undefined;
        const waitMs = retried < retries ? this.pauseMs(end.error, call) : undefined;
        if (waitMs !== undefined) return this.again(call, next, retried, end.error, waitMs);
        // Refused by ourselves: what the source said before that is what happened.
        const said = end.error instanceof RefusedError ? earlier : undefined;
        return said === undefined ? undefined : throwError(() => said);
      });
      return next.handle(call);
    });
  }

  private again<T>(
    call: OutboundCall<T>,
    next: OutboundHandler,
    retried: number,
    error: unknown,
    waitMs: number,
  ): Observable<Fetched<T>> {
    const { clock } = this.parts;
    return layer((flow) => {
      const timer = clock.setTimeout(() => {
        // It may have been a longer wait than meant: the loop was late, or who had more time has left.
        if (call.context.deadline.leftMs() < LEAST_USEFUL_MS) return flow.failAt(stop, error);
        const another = { ...call, attempt: new Attempt('retry') };
        flow.follow(this.attempt(another, next, retried + 1, error));
      }, waitMs);
      const stop = (): void => clock.clearTimeout(timer);
      flow.onEnd(stop);
    });
  }

  /** How long to wait before the next attempt, which is paid for; undefined when there is to be none. */
  private pauseMs(error: unknown, { context }: OutboundCall<unknown>): number | undefined {
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
