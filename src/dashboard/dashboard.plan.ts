import type { Deadline } from '../context/deadline.ts';
import type { Attempt } from '../outbound/call/attempt.ts';
import type { CallContext } from '../outbound/call/call-context.ts';
import type { AttemptPlan, SourcePlan } from './contract/dashboard.plan.contract.ts';

/** EXPLAIN ANALYZE of one source's part: read from the trail that every call leaves anyway, only when asked. */
export function planOf(call: CallContext, deadline: Deadline): SourcePlan {
  const { cache, isCoalesced, trail } = call;
  return {
    cache,
    coalesced: isCoalesced,
    queuedMs: rounded(trail.queuedMs),
    breaker: trail.breaker,
    attempts: trail.attempts.map((attempt) => attemptPlan(attempt, deadline)),
  };
}

/** `first 10.0.0.7:8080 timeout 700.2ms, retry 10.0.0.9:8080 ok 38.1ms`: the plan as a header can carry it. */
export function planInShort({ cache, coalesced, queuedMs, breaker, attempts }: SourcePlan): string {
  return [
    `cache ${cache}`,
    ...(coalesced ? ['coalesced'] : []),
    ...(queuedMs > 0 ? [`queued ${queuedMs}ms`] : []),
    ...(breaker === 'closed' ? [] : [`breaker ${breaker}`]),
    ...attempts.map(
      ({ kind, instance, outcome, startMs, endMs }) =>
        `${kind} ${instance} ${outcome} ${rounded(endMs - startMs)}ms`,
    ),
  ].join(', ');
}

/** An attempt without an end is one that the answer did not wait for. */
function attemptPlan(attempt: Attempt, deadline: Deadline): AttemptPlan {
  const { number, kind, instance, startedAt, endedAt, outcome } = attempt;
  return {
    number,
    kind,
    instance: instance?.address ?? '',
    startMs: rounded(startedAt - deadline.arrivedAt),
    endMs: rounded(endedAt === undefined ? deadline.elapsedMs() : endedAt - deadline.arrivedAt),
    outcome: outcome ?? 'cancelled',
  };
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
