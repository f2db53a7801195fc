import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BUCKETS, METRICS, type Metric } from '../metric-names.ts';

/** A replica as Prometheus sees it: every series there can be, each moving a little with every scrape. */
export class Exporter {
  private readonly registry = new Registry();
  private readonly server: Server;

  private constructor() {
    collectDefaultMetrics({ register: this.registry });
    const moves = Object.entries(METRICS).map(([name, metric]) => this.moving(name, metric));
    this.server = createServer(async (_, response) => {
      for (const move of moves) move();
      response.setHeader('content-type', this.registry.contentType);
      response.end(await this.registry.metrics());
    });
  }

  static async start(): Promise<Exporter> {
    const exporter = new Exporter();
    await new Promise<void>((resolve) => exporter.server.listen(0, '127.0.0.1', resolve));
    return exporter;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private moving(name: string, { type, labels }: Metric): () => void {
    const options = {
      name,
      help: name,
      labelNames: Object.keys(labels),
      registers: [this.registry],
    };
    const series = combinations(labels);
    if (type === 'gauge') {
      const gauge = new Gauge(options);
      return () => series.forEach((one) => gauge.set(one, 1));
    }
    if (type === 'counter') {
      const counter = new Counter(options);
      return () => series.forEach((one) => counter.inc(one));
    }
    const histogram = new Histogram({ ...options, buckets: BUCKETS });
    return () => series.forEach((one) => histogram.observe(one, 0.2));
  }
}

type Words = Readonly<Record<string, string>>;

/** Each word of each label with each of the others. */
function combinations(labels: Metric['labels']): readonly Words[] {
  return Object.entries(labels).reduce<readonly Words[]>(
    (all, [label, words]) => all.flatMap((one) => words.map((word) => ({ ...one, [label]: word }))),
    [{}],
  );
}
