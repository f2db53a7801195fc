import { SOURCE_NAMES } from '../../src/clients/sources.ts';
import {
  BUCKETS_SECONDS,
  METRICS,
  type MetricSpec,
} from '../../src/telemetry/metrics/metric-table.ts';

/** What `docs/metrics.md` must say, made from the table that the metrics are made from. */
export function metricTables(): string {
  const rows = Object.entries<MetricSpec>(METRICS).map(
    ([name, { type, help, labels }]) => `| \`${name}\` | ${type} | ${labelsOf(labels)} | ${help} |`,
  );
  return [
    '| metric | type | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `Buckets of every histogram, in seconds: ${BUCKETS_SECONDS.join(', ')}.`,
    '',
    '| label | its values |',
    '| --- | --- |',
    ...valuesOfLabels(),
    '',
  ].join('\n');
}

const labelsOf = (labels: MetricSpec['labels']): string =>
  Object.keys(labels)
    .map((label) => `\`${label}\``)
    .join(', ');

/** Each label with its values, once; where two metrics mean different things by it, each says so. */
function valuesOfLabels(): string[] {
  const rows = new Map<string, string[]>();
  for (const [name, { labels }] of Object.entries<MetricSpec>(METRICS))
    for (const [label, values] of Object.entries(labels)) {
      const known = values === 'sources' ? SOURCE_NAMES : values;
      const shown = known.map((value) => (value === '' ? '(none)' : `\`${value}\``)).join(', ');
      const row = `\`${label}\` of NAMES | ${shown}`;
      rows.set(row, [...(rows.get(row) ?? []), name]);
    }
  return [...rows].map(([row, names]) => {
    const [first = '', ...others] = names;
    // The name of a source means the same everywhere.
    if (row.startsWith('`source`')) return `| ${row.replace(' of NAMES', '')} |`;
    const of = [first, ...others].map((name) => `\`${name}\``).join(', ');
    return `| ${row.replace('NAMES', of)} |`;
  });
}
