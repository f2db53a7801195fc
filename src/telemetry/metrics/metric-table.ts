import { SHED_REASONS } from '../../context/admission/admission.ts';
import { REQUEST_STATUSES, SECTION_STATUSES } from '../../context/request/request-end.ts';
import { REASONS } from '../../errors/reason.ts';
import { BREAKER_STATES } from '../../outbound/breaker/breaker-gate.ts';
import { ATTEMPT_KINDS } from '../../outbound/call/attempt.ts';
import { MEMORY_EVENTS } from '../../outbound/outbound-events.ts';

/** Every metric of ours with all that it can be labelled with: dashboards and alerts may rely on this list, and on nothing else. */

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The values of each label; `'sources'`: the names of the sources. */
  readonly labels: Readonly<Record<string, readonly string[] | 'sources'>>;
}

const NO_REASON = '';
const INSTANCE_STATES = ['available', 'ejected'] as const;
const OUTCOMES = ['ok', ...REASONS, 'cancelled'] as const;
const OF_ATTEMPT = { source: 'sources', kind: ATTEMPT_KINDS, outcome: OUTCOMES } as const;
const OF_SOURCE = { source: 'sources' } as const;

export const METRICS = {
  aggregator_requests_total: {
    type: 'counter',
    help: 'Requests by how they ended; probes and served documents are not among them',
    labels: { status: REQUEST_STATUSES },
  },
  aggregator_request_duration_seconds: {
    type: 'histogram',
    help: 'From the arrival of a request to the last byte of its answer',
    labels: { status: REQUEST_STATUSES },
  },
  aggregator_deadline_slack_seconds: {
    type: 'histogram',
    help: 'Time left of the deadline when an answer was out that sources were asked for; 0 if it was late',
    labels: {},
  },
  aggregator_in_flight: {
    type: 'gauge',
    help: 'Dashboards under way',
    labels: {},
  },
  aggregator_shed_total: {
    type: 'counter',
    help: 'Dashboards turned away at the door, by the limit that was reached',
    labels: { reason: SHED_REASONS },
  },
  aggregator_sections_total: {
    type: 'counter',
    help: 'Asked sections of answered requests, by what became of them and why they were not fresh',
    labels: { source: 'sources', status: SECTION_STATUSES, reason: [NO_REASON, ...REASONS] },
  },
  aggregator_attempts_total: {
    type: 'counter',
    help: 'HTTP requests sent to a source, by how they ended',
    labels: OF_ATTEMPT,
  },
  aggregator_attempt_duration_seconds: {
    type: 'histogram',
    help: 'From the sending of an attempt to its end',
    labels: OF_ATTEMPT,
  },
  aggregator_source_in_flight: {
    type: 'gauge',
    help: 'Attempts that hold a permit of the source',
    labels: OF_SOURCE,
  },
  aggregator_source_queued: {
    type: 'gauge',
    help: 'Attempts that wait for a permit',
    labels: OF_SOURCE,
  },
  aggregator_source_limit: {
    type: 'gauge',
    help: 'Permits as of now; it moves where it is adaptive',
    labels: OF_SOURCE,
  },
  aggregator_retry_budget_tokens: {
    type: 'gauge',
    help: 'Retries and hedges that the source may be sent at once',
    labels: OF_SOURCE,
  },
  aggregator_breaker_state: {
    type: 'gauge',
    help: 'Circuit breaker of the source: 1 for the state it is in',
    labels: { source: 'sources', state: BREAKER_STATES },
  },
  aggregator_breaker_changes_total: {
    type: 'counter',
    help: 'Times that the circuit breaker changed to a state',
    labels: { source: 'sources', state: BREAKER_STATES },
  },
  aggregator_instances: {
    type: 'gauge',
    help: 'Known instances of the source',
    labels: { source: 'sources', state: INSTANCE_STATES },
  },
  aggregator_ejections_total: {
    type: 'counter',
    help: 'Times that an instance of the source was left out for failing',
    labels: OF_SOURCE,
  },
  aggregator_discovery_failing: {
    type: 'gauge',
    help: 'Whether discovery of the source learns nothing new (1), so that the last list stays',
    labels: OF_SOURCE,
  },
  aggregator_memory_events_total: {
    type: 'counter',
    help: 'Dealings with the good answers that replicas share through Redis',
    labels: { source: 'sources', event: MEMORY_EVENTS },
  },
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;

/** Upper bounds of every histogram, in seconds: a bound at each deadline that is usual, the default of 1.5 s among them. */
export const BUCKETS_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 5,
] as const;
