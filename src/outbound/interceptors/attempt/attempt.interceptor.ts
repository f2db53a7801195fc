import type { Clock } from '../../../context/clock.ts';
import { CallError, NoInstanceError } from '../../../errors/errors.ts';
import type { Balancer } from '../../../instances/balancer.ts';
import type { Evidence, Instance } from '../../../instances/instance.ts';
import type { RetryBudget } from '../../budget/retry-budget.ts';
import type { Outcome } from '../../call/attempt.ts';
import { consequenceOf } from '../../failure-policy.ts';
import type { RecentLatency } from '../../latency/recent-latency.ts';
import { Frame, type End } from '../../flow.ts';
import type { OutboundListener } from '../../outbound-events.ts';
import type {
  CallFlow,
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

  constructor(parts: AttemptParts) {
    const listeners = parts.listeners.filter(({ attemptEnded }) => attemptEnded !== undefined);
    this.parts = { ...parts, listeners };
  }

  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void {
    flow.onEnd(new Sent(call, this.begin(call), this.parts));
    next.handle(call, flow);
  }

  /** @throws NoInstanceError */
  private begin({ attempt, context }: OutboundCall<unknown>): Instance {
    const { balancer, budget, clock } = this.parts;
    const { trail } = context;
    const instance = balancer.pick(trail.attempts);
    if (instance === undefined) throw new NoInstanceError();
    instance.inFlight += 1;
    attempt.instance = instance;
    attempt.startedAt = clock.now();
    attempt.number = trail.add(attempt);
    if (attempt.kind === 'first') budget.deposit();
    return instance;
  }
}

class Sent<T> extends Frame<Fetched<T>> {
  private readonly call: OutboundCall<unknown>;
  private readonly instance: Instance;
  private readonly parts: AttemptParts;

  constructor(call: OutboundCall<T>, instance: Instance, parts: AttemptParts) {
    super();
    this.call = call as OutboundCall<unknown>;
    this.instance = instance;
    this.parts = parts;
  }

  ended(end: End<unknown>): void {
    const { call, instance, parts } = this;
    const { attempt } = call;
    attempt.wire.whenFree(() => (instance.inFlight -= 1));
    const now = parts.clock.now();
    attempt.endedAt = now;
    attempt.outcome = outcomeOf(end);
    this.learn(end, now - attempt.startedAt);
    for (const listener of parts.listeners) listener.attemptEnded?.(call, attempt);
  }

  private learn(end: End<unknown>, elapsedMs: number): void {
    const { latency, balancer } = this.parts;
    const evidence = evidenceOf(end);
    const error = end.kind === 'error' && end.error instanceof CallError ? end.error : undefined;
    // One that ran out took at least that long.
    if (evidence === 'answered' || error?.code === 'attempt_timeout') latency.record(elapsedMs);
    balancer.ended(this.instance, evidence, elapsedMs, error?.retryAfterMs);
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
