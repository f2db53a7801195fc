import type { Registry } from 'prom-client';
import type { Admission } from '../../context/admission/admission.ts';
import { BREAKER_STATES } from '../../outbound/breaker/breaker-gate.ts';
import type { SourceRuntime } from '../../outbound/source-runtime.ts';
import { exposeGauge } from './exposition.ts';

/** What the state machines of the process say when they are asked; nothing is counted for it. */
export interface Watched {
  readonly sources: Iterable<SourceRuntime>;
  readonly admission: Pick<Admission, 'inFlight'>;
}

export function exposeState(registry: Registry, { sources, admission }: Watched): void {
  const runtimes = [...sources];
  const ofEach = (read: (runtime: SourceRuntime) => number) => () =>
    runtimes.map((runtime) => [[runtime.name], read(runtime)] as const);
  exposeGauge(registry, 'aggregator_in_flight', () => [[[], admission.inFlight]]);
  exposeGauge(
    registry,
    'aggregator_source_in_flight',
    ofEach(({ bulkhead }) => bulkhead.inFlight),
  );
  exposeGauge(
    registry,
    'aggregator_source_queued',
    ofEach(({ bulkhead }) => bulkhead.queued),
  );
  exposeGauge(
    registry,
    'aggregator_source_limit',
    ofEach(({ bulkhead }) => bulkhead.limit),
  );
  exposeGauge(
    registry,
    'aggregator_retry_budget_tokens',
    ofEach(({ budget }) => budget.balance),
  );
  exposeGauge(registry, 'aggregator_breaker_state', () => runtimes.flatMap(breakerStates));
  exposeGauge(registry, 'aggregator_instances', () => runtimes.flatMap(instanceCounts));
}

function breakerStates({ name, breaker }: SourceRuntime) {
  const now = breaker.state;
  return BREAKER_STATES.map((state) => [[name, state], state === now ? 1 : 0] as const);
}

function instanceCounts({ name, balancer }: SourceRuntime) {
  return Object.entries(balancer.counts).map(([state, count]) => [[name, state], count] as const);
}
