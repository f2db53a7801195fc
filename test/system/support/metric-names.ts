import { collectDefaultMetrics, Registry } from 'prom-client';
import { SOURCES } from '../../../src/clients/sources.ts';
import {
  BUCKETS_SECONDS,
  METRICS as SPECS,
  type MetricSpec,
} from '../../../src/telemetry/metrics/metric-table.ts';

/** What Prometheus can know of the service: the closed list that rules and dashboards are held against. */

export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Each label with all that it may say. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

const source = SOURCES.map((entry) => entry.source.name);

/** The metrics of the service's own table, with the sources by name. */
export const METRICS: Readonly<Record<string, Metric>> = Object.fromEntries(
  Object.entries<MetricSpec>(SPECS).map(([name, { type, labels }]) => [
    name,
    {
      type,
      labels: Object.fromEntries(
        Object.entries(labels).map(([label, values]) => [
          label,
          values === 'sources' ? source : values,
        ]),
      ),
    },
  ]),
);

/** Upper bounds of every histogram, in seconds. */
export const BUCKETS: number[] = [...BUCKETS_SECONDS];

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
