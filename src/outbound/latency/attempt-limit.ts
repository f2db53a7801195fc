import type { Balancer } from '../../instances/balancer.ts';
import type { BreakerGate } from '../breaker/breaker-gate.ts';
import type { RetryBudget } from '../budget/retry-budget.ts';
import type { Attempt } from '../call/attempt.ts';
import { LEAST_USEFUL_MS } from '../call/least-useful.ts';
import { LONGEST_PAUSE_MS } from '../call/longest-pause.ts';
import type { RecentLatency } from './recent-latency.ts';

/**
 * How long an attempt may take. Cut too late, a hanging instance leaves no time for another try; cut too early, a slow
 * but healthy source is killed. So the limit follows what the source usually needs, and an attempt that nothing can
 * follow is never cut: waiting is all that is left to do.
 */

/** An attempt may take this many times the slowest of a hundred recent answers. */
const TIMES_P99 = 3;
/** Below this a limit would cut answers that a busy loop or a lost packet made late. */
const LEAST_MS = 250;
/** Recent answers from which on their p99 says something. */
const KNOWN = 100;
/** The limit while the source is not known: time for two tries within the usual deadline. */
const UNKNOWN_MS = 700;
/** Ends after which a source that is always slower than that is taken to be slow rather than to hang. */
const SLOW = 5;

export interface AttemptLimitParts {
  readonly latency: RecentLatency;
  readonly balancer: Pick<Balancer, 'list'>;
  readonly budget: Pick<RetryBudget, 'affords'>;
  readonly breaker: Pick<BreakerGate, 'state'>;
}

export class AttemptLimit {
  private readonly fixedMs: number;
  private readonly parts: AttemptLimitParts;

  /** @param fixedMs of every attempt; 0 adapts */
  constructor(fixedMs: number, parts: AttemptLimitParts) {
    this.fixedMs = fixedMs;
    this.parts = parts;
  }

  /** As things stand now, in ms; Infinity lets it run to the deadline. @param wholeMs from its start to the deadline */
  limitMs(attempt: Pick<Attempt, 'isLast'>, wholeMs: number): number {
    if (this.fixedMs > 0) return this.fixedMs;
    if (attempt.isLast || !this.mayRetry()) return Infinity;
    const limitMs = this.adaptedMs();
    return this.leavesTimeForAnother(wholeMs - limitMs) ? limitMs : Infinity;
  }

  /** After a failed probe the breaker opens: there is no other attempt. */
  private mayRetry(): boolean {
    const { budget, breaker } = this.parts;
    return budget.affords('retry') && breaker.state === 'closed';
  }

  private adaptedMs(): number {
    const { latency, balancer } = this.parts;
    if (latency.count >= KNOWN) return Math.max(LEAST_MS, TIMES_P99 * latency.quantile(0.99));
    if (balancer.list.length < 2) return Infinity;
    // Cut at the same time again and again, a source that always takes longer would never be heard.
    const usualMs = latency.count >= SLOW ? latency.quantile(0.5) : 0;
    return Math.max(UNKNOWN_MS, TIMES_P99 * usualMs);
  }

  private leavesTimeForAnother(leftMs: number): boolean {
    const usualMs = Math.max(LEAST_USEFUL_MS, this.parts.latency.quantile(0.5));
    return leftMs >= LONGEST_PAUSE_MS + usualMs;
  }
}
