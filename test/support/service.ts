import http, { type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino, { type DestinationStream } from 'pino';
import { DATA, type Lookup } from '../../demo/data.ts';
import { DemoSource } from '../../demo/demo-source.ts';
import { NO_FAULTS, type Faults } from '../../demo/faults.ts';
import { buildApp, type App } from '../../src/app.ts';
import { SOURCES, SOURCE_NAMES, type SourceName } from '../../src/clients/sources.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { DashboardAnswer } from '../../src/dashboard/contract/dashboard.contract.ts';
import type { Problem } from '../../src/http/problem/problem.ts';
import { Outbound } from '../../src/outbound/outbound.ts';
import type { SourceRuntime } from '../../src/outbound/source-runtime.ts';
import { sampleOf } from './sample.ts';

/** The real service on a real port, in front of demo sources that can be scripted and that count. */

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly elapsedMs: number;
}

/** Only what a test names happens: no second attempts, nothing shared, nothing remembered. */
export const QUIET: Readonly<Record<string, string>> = {
  SOURCE_RETRIES: '0',
  SOURCE_HEDGE: 'off',
  SOURCE_COALESCE: 'off',
  SOURCE_STALE_MS: '0',
  SOURCE_FRESH_MS: '0',
};

/** Test, service and sources share one event loop here: what the test does with it is no overload. */
const OWN_LOOP = { MAX_EVENT_LOOP_DELAY_MS: '600000' };

export class TestService {
  readonly app: App;
  readonly sources: Readonly<Record<SourceName, DemoSource>>;
  private readonly agent = new http.Agent({ keepAlive: true });

  private constructor(app: App, sources: Readonly<Record<SourceName, DemoSource>>) {
    this.app = app;
    this.sources = sources;
  }

  /**
   * @param env over the defaults, as it would stand in the environment
   * @param log where the lines go; the standard output unless said otherwise
   */
  static async start(
    env: Readonly<Record<string, string>> = {},
    log?: DestinationStream,
  ): Promise<TestService> {
    const sources = Object.fromEntries(
      await Promise.all(
        SOURCES.map(async ({ source: { name, schema } }) => {
          const source = new DemoSource(name, lookupOf(name) ?? (() => sampleOf(schema)));
          await source.listen();
          return [name, source] as const;
        }),
      ),
    ) as Record<SourceName, DemoSource>;
    const urls = SOURCES.map(({ source }) => [`${source.envPrefix}_URL`, sources[source.name].url]);
    const config = loadConfig(
      { ...Object.fromEntries(urls), ...OWN_LOOP, ...env },
      SOURCES.map(({ source }) => source),
    );
    const app = await buildApp(config, pino({ level: env.LOG_LEVEL ?? 'silent' }, log));
    await app.nest.listen({ port: 0, host: '127.0.0.1' });
    await app.management.listen(0, '127.0.0.1');
    return new TestService(app, sources);
  }

  get port(): number {
    return (this.app.server.address() as AddressInfo).port;
  }

  get managementUrl(): string {
    return `http://127.0.0.1:${this.app.management.address?.port}`;
  }

  /** Puts every source right, or as said, and forgets what was counted. */
  script(faults: Partial<Record<SourceName, Partial<Faults>>> = {}): void {
    for (const name of SOURCE_NAMES) {
      const source = this.sources[name];
      source.faults = { ...NO_FAULTS, ...faults[name] };
      source.counts.requests = 0;
      source.counts.aborted = 0;
      source.counts.connections = 0;
      source.counts.maxInFlight = source.counts.inFlight;
      source.seen.length = 0;
    }
  }

  request(path: string, options: RequestOptions = {}): Promise<Response> {
    return new Promise((resolve, reject) => {
      const startedAt = performance.now();
      http
        .request(
          { host: '127.0.0.1', port: this.port, path, agent: this.agent, ...options },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text: Buffer.concat(chunks).toString(),
                elapsedMs: performance.now() - startedAt,
              }),
            );
          },
        )
        .on('error', reject)
        .end();
    });
  }

  /** How many requests reached the sources since `script`. */
  get asked(): number {
    return SOURCE_NAMES.reduce((sum, name) => sum + this.sources[name].counts.requests, 0);
  }

  /** A source as it runs in the service. */
  runtime(source: SourceName): SourceRuntime {
    const found = [...this.app.nest.get(Outbound).sources].find(({ name }) => name === source);
    if (found === undefined) throw new Error(`no ${source}`);
    return found;
  }

  /** What is held for calls under way; all zero when nothing is. */
  get held(): readonly number[] {
    return [...this.app.nest.get(Outbound).sources].flatMap(({ bulkhead, balancer, breaker }) => [
      bulkhead.inFlight,
      bulkhead.queued,
      ...balancer.list.map(({ inFlight }) => inFlight),
      // A probe that is out is the only thing that closes a half-open breaker's door.
      breaker.state === 'half_open' && breaker.peek() !== undefined ? 1 : 0,
    ]);
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.app.nest.close();
    await this.app.management.close();
    await Promise.all(SOURCE_NAMES.map((name) => this.sources[name].close()));
  }
}

/** A source that the demo does not have yet answers with a sample of its contract. */
const lookupOf = (name: string): Lookup | undefined =>
  (DATA as Readonly<Record<string, Lookup>>)[name];

export const answerOf = ({ text }: Response): DashboardAnswer =>
  JSON.parse(text) as DashboardAnswer;
export const problemOf = ({ text }: Response): Problem => JSON.parse(text) as Problem;

/** Waits until `isTrue`, looking every few ms; fails the test loudly when it never is. */
export async function until(isTrue: () => boolean, what: string, withinMs = 5_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > giveUpAt) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
