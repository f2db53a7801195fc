import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cleanups } from './support/cleanups.ts';
import { Collector } from './support/collector.ts';
import { linesOf } from './support/log-lines.ts';
import type { ServiceProcess } from './support/service-process.ts';
import { until } from './support/service.ts';
import {
  ask,
  CALLER,
  newTraceId,
  otlpTo,
  SourcePairs,
  STEADY,
  type RunningService,
} from './support/traced-service.ts';

/** How tracing is switched on and off, and what a bad collector can do: nothing. */

const sources = new SourcePairs();
const { later } = cleanups();

beforeAll(async () => {
  await sources.listen();
}, 120_000);
afterAll(() => sources.close());
beforeEach(() => sources.reset());

async function start(env: Readonly<Record<string, string>>): Promise<RunningService> {
  const running = await sources.start({ ...STEADY, DRAIN_DELAY_MS: '0', ...env });
  later(() => running.process.kill());
  return running;
}

async function ownCollector(): Promise<Collector> {
  const own = new Collector();
  await own.listen();
  later(() => own.close());
  return own;
}

describe('the environment', () => {
  it.each<[string, Record<string, string>]>([
    ['no endpoint', {}],
    ['a disabled SDK', { ...otlpTo('http://127.0.0.1:1'), OTEL_SDK_DISABLED: 'true' }],
    ['no exporter', { ...otlpTo('http://127.0.0.1:1'), OTEL_TRACES_EXPORTER: 'none' }],
  ])('with %s passes on what came, as it came', async (_what, env) => {
    const { port } = await start(env);
    // Not even one that is none is changed.
    for (const traceparent of [`00-${newTraceId()}-${CALLER}-01`, 'nonsense']) {
      sources.reset();
      await ask(port, '/dashboard/42', { traceparent, tracestate: 'a=1,b=2' });
      for (const name of ['user', 'orders', 'recommendations'] as const) {
        expect(sources.headers(name, 'traceparent')).toEqual([traceparent]);
        expect(sources.headers(name, 'tracestate')).toEqual(['a=1,b=2']);
      }
    }
    sources.reset();
    await ask(port, '/dashboard/42');
    expect(sources.headers('user', 'traceparent')).toEqual([undefined]);
  });

  it('says how much, under which name, with which headers, and by protobuf unless it says otherwise', async () => {
    const own = await ownCollector();
    const { port, process } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: own.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=hush',
      OTEL_SERVICE_NAME: 'confluence',
      OTEL_BSP_SCHEDULE_DELAY: '20',
      // Were there any metrics, they would come.
      OTEL_METRIC_EXPORT_INTERVAL: '20',
      OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true',
    });
    await ask(port, '/dashboard/42');
    const sent = (): string => own.posts.map(({ body }) => body.toString('latin1')).join();
    await until(() => sent().includes('GET /dashboard/{user_id}'), 'the last span is exported');
    const [post] = own.posts;
    expect(post?.path).toBe('/v1/traces');
    expect(post?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-api-key': 'hush',
    });
    for (const word of ['confluence', 'source orders', 'GET user']) expect(sent()).toContain(word);
    process.signal('SIGTERM');
    await process.exitCode();
    // Traces and nothing else.
    expect(own.posts.every(({ path }) => path === '/v1/traces')).toBe(true);
    expect(process.output).not.toContain('hush');
  });

  it('with a sampler that takes nothing tells nothing, and the sources hear so', async () => {
    const { port } = await start({
      ...otlpTo('http://127.0.0.1:1'),
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    await ask(port, '/dashboard/42');
    const traceparents = (['user', 'orders'] as const).flatMap((name) =>
      sources.headers(name, 'traceparent'),
    );
    for (const sent of traceparents) expect(sent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('with an endpoint that is none exits 78', async () => {
    const refused = sources.start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' });
    await expect(refused).rejects.toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318 must be/);
  });
});

describe('a collector', () => {
  const complaints = (process: ServiceProcess) =>
    linesOf(process).filter(({ msg }) => msg === 'tracing');

  const startWith = (url: string): Promise<RunningService> =>
    start({ ...otlpTo(url), OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer hush' });

  async function leaveWithin(ms: number, { process }: RunningService): Promise<void> {
    const leftAt = performance.now();
    process.signal('SIGTERM');
    expect(await process.exitCode()).toBe(0);
    expect(performance.now() - leftAt).toBeLessThan(ms);
  }

  it.each<[string, (own: Collector) => void, RegExp]>([
    [
      'refuses',
      (own) => (own.answer = (response) => void response.writeHead(401).end('Bearer hush')),
      /^OTLPExporterError: 401$/,
    ],
    [
      'talks garbage',
      (own) => (own.answer = (response) => void response.socket?.end('SSH-2.0-hush\r\n')),
      /^Error: HPE_INVALID/,
    ],
  ])('that %s is complained of in one line, without secrets', async (_how, script, problem) => {
    const own = await ownCollector();
    script(own);
    const running = await startWith(own.url);
    for (let asked = 0; asked < 5; asked += 1) {
      const posts = own.posts.length;
      expect((await ask(running.port, '/dashboard/42')).status).toBe(200);
      await until(() => own.posts.length > posts, 'something is exported');
    }
    await until(() => complaints(running.process).length > 0, 'somebody complains');
    await leaveWithin(5_000, running);
    expect(complaints(running.process)).toMatchObject([
      { level: 'warn', problem: expect.stringMatching(problem) },
    ]);
    expect(running.process.output).not.toContain('hush');
  });

  it('that hangs costs nobody anything, and does not keep the process', async () => {
    const own = await ownCollector();
    own.answer = () => undefined;
    const running = await startWith(own.url);
    for (let asked = 0; asked < 20; asked += 1)
      expect((await ask(running.port, '/dashboard/42')).status).toBe(200);
    await until(() => own.posts.length > 0, 'something is exported');
    await leaveWithin(5_000, running);
  });

  it('gets the last spans when the process leaves', async () => {
    const own = await ownCollector();
    const running = await start({ ...otlpTo(own.url), OTEL_BSP_SCHEDULE_DELAY: '600000' });
    await ask(running.port, '/dashboard/42');
    expect(own.posts).toEqual([]);
    await leaveWithin(5_000, running);
    expect(own.spans.map(({ name }) => name).toSorted()).toEqual([
      'GET /dashboard/{user_id}',
      'GET orders',
      'GET recommendations',
      'GET user',
      'source orders',
      'source recommendations',
      'source user',
    ]);
  });
});
