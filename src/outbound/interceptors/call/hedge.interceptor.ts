import type { Clock } from '../../../context/clock.ts';
import type { Balancer } from '../../../instances/balancer.ts';
import type { BreakerGate } from '../../breaker/breaker-gate.ts';
import type { RetryBudget } from '../../budget/retry-budget.ts';
import type { Bulkhead } from '../../bulkhead/bulkhead.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import { HedgeRace } from '../../hedge/hedge-race.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import type {
  CallFlow,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

/** Recent answers from which on their p95 says something: one of them was slower. */
const KNOWN = 20;
/** Below this the second attempt would race our own event loop. */
const LEAST_DELAY_MS = 5;
/** Share of the permits that may be taken when a hedge takes another one. */
const SPARE = 0.8;

export interface HedgeParts {
  readonly balancer: Balancer;
  readonly breaker: BreakerGate;
  readonly budget: RetryBudget;
  readonly bulkhead: Bulkhead;
  readonly latency: RecentLatency;
  readonly clock: Clock;
}

/**
 * A second attempt, at another instance, beside a first one that takes longer than 19 of 20 recent answers. Only where
 * it cannot hurt: a source that does well, with room to spare, and within a budget of one in twenty.
 */
export class HedgeInterceptor implements OutboundInterceptor {
  private readonly parts: HedgeParts;

  constructor(parts: HedgeParts) {
    this.parts = parts;
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    if (!this.isPossible(call)) return next.handle(call, flow);
    const { latency, clock } = this.parts;
    const delayMs = Math.max(LEAST_DELAY_MS, latency.atMost(0.95));
    new HedgeRace(call, flow, next, clock).start(delayMs, () => this.mayHedge(call));
  }

  /** Whether there can be a hedge at all; most sources that are not replicated have none. */
  private isPossible({ attempt }: OutboundCall<unknown>): boolean {
    const { latency, balancer } = this.parts;
    return attempt.kind === 'first' && balancer.list.length > 1 && latency.count >= KNOWN;
  }

  /** The token is taken last, so that it is not lost on a hedge that is not made. */
  private mayHedge({ context: { trail, deadline } }: OutboundCall<unknown>): boolean {
    const { balancer, breaker, budget, bulkhead, latency } = this.parts;
    const usualMs = Math.max(LEAST_USEFUL_MS, latency.quantile(0.5));
    return (
      trail.attempts.length === 1 &&
      breaker.state === 'closed' &&
      bulkhead.inFlight <= SPARE * bulkhead.limit &&
      deadline.leftMs() >= usualMs &&
      balancer.hasUntried(trail.attempts) &&
      budget.withdraw('hedge')
    );
  }
}
