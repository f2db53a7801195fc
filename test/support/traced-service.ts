import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { DemoSource } from '../../demo/demo-source.ts';
import { NO_FAULTS } from '../../demo/faults.ts';
import { SOURCES, type SourceName } from '../../src/clients/sources.ts';
import type { Collector, Trace } from './collector.ts';
import { sampleOf } from './sample.ts';
import { ServiceProcess } from './service-process.ts';

/** Two instances of every source, all of whom know any user, for services as processes. */
export class SourcePairs {
  readonly of: Readonly<Record<SourceName, readonly [DemoSource, DemoSource]>>;

  /** @param bodies what a source says of every user; a sample of its contract unless said otherwise */
  constructor(bodies: Partial<Record<SourceName, unknown>> = {}) {
    this.of = Object.fromEntries(
      SOURCES.map(({ source: { name, schema } }) => {
        const instance = () => new DemoSource(name, () => bodies[name] ?? sampleOf(schema));
        return [name, [instance(), instance()]];
      }),
    ) as unknown as Record<SourceName, readonly [DemoSource, DemoSource]>;
  }

  get all(): readonly DemoSource[] {
    return Object.values(this.of).flat();
  }

  async listen(): Promise<void> {
    await Promise.all(this.all.map((source) => source.listen()));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((source) => source.close()));
  }

  /** Puts every one right, and forgets what was seen. */
  reset(): void {
    for (const source of this.all) {
      source.faults = NO_FAULTS;
      source.seen.length = 0;
      source.counts.requests = 0;
    }
  }

  /** A header of every request that reached a source. */
  headers(name: SourceName, header: string): readonly (string | undefined)[] {
    return this.of[name]
      .flatMap(({ seen }) => seen)
      .map(({ headers }) => headers[header] as string | undefined);
  }

  /** Started in front of them; with one instance each unless said otherwise. */
  async start(
    env: Readonly<Record<string, string>>,
    paired: readonly SourceName[] = [],
  ): Promise<RunningService> {
    const urls = SOURCES.map(({ source: { name, envPrefix } }) => {
      const [one, other] = this.of[name];
      return [`${envPrefix}_URL`, paired.includes(name) ? `${one.url},${other.url}` : one.url];
    });
    const service = new ServiceProcess({ ...Object.fromEntries(urls), ...env });
    return { process: service, port: await service.port() };
  }
}

export interface RunningService {
  readonly process: ServiceProcess;
  readonly port: number;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** One request over a connection of its own. */
export async function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const request = http.get({
    host: '127.0.0.1',
    port,
    path,
    headers: { ...headers },
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

/** The caller's span. */
export const CALLER = '00f067aa0ba902b7';

export const newTraceId = (): string => randomBytes(16).toString('hex');

/** Only what a test names happens: no memory, no breaker. */
export const STEADY = { SOURCE_STALE_MS: '0', SOURCE_BREAKER_MIN_CALLS: '100000' };

/** The service's environment for a collector that reads JSON and is told at once. */
export const otlpTo = (url: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '20',
});

/** Asks on behalf of a trace of its own, and waits for so many spans of it. */
export async function askTraced(
  { port }: RunningService,
  collector: Collector,
  path: string,
  count: number,
): Promise<Trace> {
  const traceId = newTraceId();
  await ask(port, path, { traceparent: `00-${traceId}-${CALLER}-01` });
  return collector.trace(traceId, count);
}
