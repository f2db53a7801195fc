import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Count, Timings } from './cells.ts';
import { BUCKETS_SECONDS, METRICS, type MetricName } from './metric-table.ts';

/** From numbers that are kept elsewhere to prom-client's text, read when somebody scrapes. */

type Read<Cell> = () => Iterable<readonly [values: readonly string[], cell: Cell]>;

export function exposeCounter(registry: Registry, name: MetricName, read: Read<Count>): void {
  const { help, labelNames } = describe(name);
  const counter = new Counter({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset();
      for (const [values, { count }] of read()) this.inc(labelled(labelNames, values), count);
    },
  });
  registry.registerMetric(counter);
}

export function exposeGauge(registry: Registry, name: MetricName, read: Read<number>): void {
  const { help, labelNames } = describe(name);
  const gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset();
      for (const [values, value] of read()) this.set(labelled(labelNames, values), value);
    },
  });
  registry.registerMetric(gauge);
}

export function exposeHistogram(registry: Registry, name: MetricName, read: Read<Timings>): void {
  registry.registerMetric(new TimingsHistogram(name, read));
}

interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** prom-client has no `collect` that could fill a histogram: what it makes its text from is given as a whole. */
class TimingsHistogram extends Histogram {
  private readonly metricName: MetricName;
  private readonly read: Read<Timings>;

  constructor(name: MetricName, read: Read<Timings>) {
    super({ name, ...describe(name), registers: [] });
    this.metricName = name;
    this.read = read;
  }

  /** Asked for by prom-client's registry, and not in its types. */
  async getForPromString(): Promise<object> {
    const { metricName: name } = this;
    const { help, labelNames } = describe(name);
    const values = [...this.read()].flatMap(([labelValues, timings]) =>
      valuesOf(name, labelled(labelNames, labelValues), timings),
    );
    return { name, help, type: 'histogram', values };
  }
}

function valuesOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  { counts, count, sumSeconds }: Timings,
): Value[] {
  let cumulated = 0;
  const buckets = BUCKETS_SECONDS.map((le, bucket) => {
    cumulated += counts[bucket] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulated };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function describe(name: MetricName): { help: string; labelNames: string[] } {
  const { help, labels } = METRICS[name];
  return { help, labelNames: Object.keys(labels) };
}

const labelled = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
