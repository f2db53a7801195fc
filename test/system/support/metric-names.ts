import { collectDefaultMetrics, Registry } from 'prom-client';
import { SOURCES } from '../../../src/clients/sources.ts';
import { REASONS } from '../../../src/errors/reason.ts';

/** What Prometheus can know of the service: the closed list that rules and dashboards are held against. */

export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Each label with all that it may say. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

const source = SOURCES.map((entry) => entry.source.name);
const status = [
  'success',
  'partial_success',
  'failure',
  'not_found',
  'shed',
  'rejected',
  'cancelled',
];
const attempt = {
  source,
  kind: ['first', 'retry', 'hedge'],
  outcome: ['ok', ...REASONS, 'cancelled'],
};

export const METRICS: Readonly<Record<string, Metric>> = {
  aggregator_requests_total: { type: 'counter', labels: { status } },
  aggregator_request_duration_seconds: { type: 'histogram', labels: { status } },
  aggregator_sections_total: {
    type: 'counter',
    labels: { source, status: ['fresh', 'stale', 'missing'], reason: ['', ...REASONS] },
  },
  aggregator_attempts_total: { type: 'counter', labels: attempt },
  aggregator_attempt_duration_seconds: { type: 'histogram', labels: attempt },
  aggregator_source_in_flight: { type: 'gauge', labels: { source } },
  aggregator_source_queued: { type: 'gauge', labels: { source } },
  aggregator_source_limit: { type: 'gauge', labels: { source } },
  aggregator_breaker_state: {
    type: 'gauge',
    labels: { source, state: ['closed', 'open', 'half_open'] },
  },
  aggregator_instances: { type: 'gauge', labels: { source, state: ['available', 'ejected'] } },
  aggregator_in_flight: { type: 'gauge', labels: {} },
  aggregator_shed_total: {
    type: 'counter',
    labels: { reason: ['in_flight', 'event_loop', 'heap'] },
  },
  aggregator_deadline_slack_seconds: { type: 'histogram', labels: {} },
};

/** Upper bounds of every histogram, in seconds. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 5];

/** The words of each label of a series; no words: it may say anything. */
export type Labels = ReadonlyMap<string, readonly string[]>;

/** All that can be asked for by name: our metrics, Node's, and what Prometheus says itself. */
export function knownSeries(): ReadonlyMap<string, Labels> {
  const ours = Object.entries(METRICS).flatMap(([name, { type, labels }]) =>
    seriesOf(name, type, labels),
  );
  const ofPrometheus: readonly Series[] = [
    ['up', {}],
    ['ALERTS', { alertname: [], alertstate: ['pending', 'firing'], severity: [], source }],
  ];
  return new Map(
    [...ours, ...nodeSeries(), ...ofPrometheus].map(([name, labels]) => [
      name,
      // The first two come with every series that is scraped.
      new Map(Object.entries({ job: [], instance: [], ...labels })),
    ]),
  );
}

type Series = readonly [name: string, labels: Metric['labels']];

function nodeSeries(): readonly Series[] {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry.getMetricsAsArray().flatMap((metric) => {
    // Both are there, but the types do not know.
    const names =
      'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : [];
    const labels = Object.fromEntries(names.map((label) => [String(label), []]));
    return seriesOf(metric.name, String(metric.type), labels);
  });
}

function seriesOf(name: string, type: string, labels: Metric['labels']): readonly Series[] {
  if (type !== 'histogram') return [[name, labels]];
  return [
    [`${name}_bucket`, { ...labels, le: BUCKETS.map(String) }],
    [`${name}_sum`, labels],
    [`${name}_count`, labels],
  ];
}
