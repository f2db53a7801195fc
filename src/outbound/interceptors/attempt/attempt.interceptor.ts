import type { Observable } from 'rxjs';
import type { Clock } from '../../../context/clock.ts';
import { CallError, NoInstanceError } from '../../../errors/errors.ts';
import type { Balancer } from '../../../instances/balancer.ts';
import type { Evidence, Instance } from '../../../instances/instance.ts';
import type { RetryBudget } from '../../budget/retry-budget.ts';
import type { Outcome } from '../../call/attempt.ts';
import { consequenceOf } from '../../failure-policy.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import { layer, type End } from '../../flow.ts';
import type { OutboundListener } from '../../outbound-events.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
  OutboundInterceptor,
} from '../../outbound.interceptor.ts';

export interface AttemptParts {
  readonly balancer: Balancer;
  readonly budget: RetryBudget;
  readonly latency: RecentLatency;
  readonly listeners: readonly OutboundListener[];
  readonly clock: Clock;
}

/**
 * Makes a number and an instance of an attempt, and tells everybody who learns from it how it ended: the balancer, the
 * latency of the source, the listeners, and the trail that a plan is read from.
 */
export class AttemptInterceptor implements OutboundInterceptor {
  private readonly parts: AttemptParts;
  private readonly listeners: readonly OutboundListener[];

  constructor(parts: AttemptParts) {
    this.parts = parts;
    this.listeners = parts.listeners.filter(({ attemptEnded }) => attemptEnded !== undefined);
  }

  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>> {
    return layer((flow) => {
      const instance = this.begin(call);
      flow.onEnd((end) => this.end(call, instance, end));
      return next.handle(call);
    });
  }

  /** @throws NoInstanceError */
  private begin({ attempt, context }: OutboundCall<unknown>): Instance {
    const { balancer, budget, clock } = this.parts;
    const { attempts } = context.trail;
    const instance = balancer.pick(attempts);
    if (instance === undefined) throw new NoInstanceError();
    instance.inFlight += 1;
    attempt.instance = instance;
    attempt.startedAt = clock.now();
    attempt.number = attempts.push(attempt);
    if (attempt.kind === 'first') budget.deposit();
    return instance;
  }

  private end(call: OutboundCall<unknown>, instance: Instance, end: End<unknown>): void {
    const { attempt } = call;
    attempt.wire.whenFree(() => (instance.inFlight -= 1));
    const now = this.parts.clock.now();
    attempt.endedAt = now;
    attempt.outcome = outcomeOf(end);
    this.learn(end, instance, now - attempt.startedAt);
    for (const listener of this.listeners) listener.attemptEnded?.(call, attempt);
  }

  private learn(end: End<unknown>, instance: Instance, elapsedMs: number): void {
    const { latency, balancer } = this.parts;
    const evidence = evidenceOf(end);
    const error = end.kind === 'error' && end.error instanceof CallError ? end.error : undefined;
    // One that ran out took at least that long.
    if (evidence === 'answered' || error?.code === 'attempt_timeout') latency.record(elapsedMs);
    balancer.ended(instance, evidence, elapsedMs, error?.retryAfterMs);
  }
}

function evidenceOf(end: End<unknown>): Evidence {
  switch (end.kind) {
    case 'value':
      return 'answered';
    case 'error':
      return consequenceOf(end.error).evidence;
    case 'cancel':
      return 'abandoned';
    default:
      return end satisfies never;
  }
}

export function outcomeOf(end: End<unknown>): Outcome {
  switch (end.kind) {
    case 'value':
      return 'ok';
    case 'error':
      return consequenceOf(end.error).reason;
    case 'cancel':
      return 'cancelled';
    default:
      return end satisfies never;
  }
}
