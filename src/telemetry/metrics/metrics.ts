import { Registry } from 'prom-client';
import { OutboundMetrics } from './outbound-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';
import { exposeState, type Watched } from './state-gauges.ts';

/** The metrics of one app: two listeners that count, and the text that Prometheus reads. */
export class Metrics {
  readonly requests: RequestMetrics;
  readonly outbound: OutboundMetrics;
  private readonly registry = new Registry();
  /** Begun with the app, not with the first scrape: it counts what the collector does. */
  private readonly ofProcess = processMetrics();

  /** @param sources their names */
  constructor(sources: readonly string[]) {
    this.requests = new RequestMetrics(sources);
    this.outbound = new OutboundMetrics(sources);
    this.requests.expose(this.registry);
    this.outbound.expose(this.registry);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Adds the gauges, once there is something to read them from. */
  watch(watched: Watched): void {
    exposeState(this.registry, watched);
  }

  /** Everything as it stands now. */
  text(): Promise<string> {
    return Registry.merge([this.registry, this.ofProcess]).metrics();
  }
}
