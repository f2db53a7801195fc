import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Collector, ERROR, KINDS, type Trace } from './support/collector.ts';
import { until } from './support/service.ts';
import {
  ask,
  askTraced,
  CALLER,
  newTraceId,
  otlpTo,
  SourcePairs,
  STEADY,
  type RunningService,
} from './support/traced-service.ts';

/** Traces as a collector gets them from the service as a process, which sets OpenTelemetry up by itself. */

const collector = new Collector();
const sources = new SourcePairs();
let traced: RunningService;

beforeAll(async () => {
  await Promise.all([collector.listen(), sources.listen()]);
  traced = await sources.start({ ...STEADY, ...otlpTo(collector.url) });
}, 120_000);
afterAll(async () => {
  await traced.process.kill();
  await Promise.all([collector.close(), sources.close()]);
});
beforeEach(() => sources.reset());

const trace = (path: string, count: number): Promise<Trace> =>
  askTraced(traced, collector, path, count);

describe('a dashboard', () => {
  it("is a server span of the caller's trace, with a span a call and one an attempt below it", async () => {
    const { all, server, ...spans } = await trace('/dashboard/42', 7).then((found) => ({
      all: found.all,
      server: found.server,
      call: (name: string) => found.call(name),
      attempts: (name: string) => found.attempts(name),
    }));
    expect(all).toHaveLength(7);
    expect(server).toMatchObject({
      name: 'GET /dashboard/{user_id}',
      parentSpanId: CALLER,
      status: 0,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/dashboard/{user_id}',
        'http.response.status_code': 200,
        'url.scheme': 'http',
      },
    });
    for (const name of ['user', 'orders', 'recommendations'] as const) {
      const call = spans.call(name);
      expect(call).toMatchObject({
        kind: KINDS.internal,
        parentSpanId: server.spanId,
        attributes: {
          'tributary.source': name,
          'tributary.outcome': 'ok',
          'tributary.cache': 'miss',
          'tributary.coalesced': false,
          'tributary.attempts': 1,
        },
      });
      const [attempt, ...more] = spans.attempts(name);
      expect(more).toEqual([]);
      expect(attempt).toMatchObject({
        kind: KINDS.client,
        parentSpanId: call.spanId,
        status: 0,
        attributes: {
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'server.address': '127.0.0.1',
          'tributary.attempt.number': 1,
          'tributary.attempt.kind': 'first',
          'tributary.outcome': 'ok',
        },
      });
      expect(sources.headers(name, 'traceparent')).toEqual([
        `00-${server.traceId}-${attempt?.spanId}-01`,
      ]);
    }
    expect(server.resource['service.name']).toBe('tributary');
  });

  it('has spans that lie within one another', async () => {
    const { server, all } = await trace('/dashboard/42', 7);
    for (const span of all) {
      const parent = all.find(({ spanId }) => spanId === span.parentSpanId) ?? server;
      expect(span.startMs).toBeGreaterThanOrEqual(parent.startMs);
      expect(span.endMs).toBeLessThanOrEqual(server.endMs);
      expect(Math.abs(span.startMs - Date.now())).toBeLessThan(60_000);
    }
  });

  it('passes the tracestate on', async () => {
    const traceId = newTraceId();
    const tracestate = 'vendor=value,other=1';
    await ask(traced.port, '/dashboard/42', {
      traceparent: `00-${traceId}-${CALLER}-01`,
      tracestate,
    });
    const { server } = await collector.trace(traceId, 7);
    expect(server.traceState).toBe(tracestate);
    expect(sources.headers('user', 'tracestate')).toEqual([tracestate]);
  });

  it.each<[string, Record<string, string>]>([
    ['without a trace', {}],
    ['with a trace that is none', { traceparent: 'nonsense', tracestate: 'vendor=value' }],
  ])('%s begins one', async (_what, headers) => {
    await ask(traced.port, '/dashboard/42', headers);
    const [traceparent] = sources.headers('user', 'traceparent');
    const traceId = traceparent?.split('-')[1] ?? '';
    const { server } = await collector.trace(traceId, 7);
    expect(server.parentSpanId).toBeUndefined();
    expect(sources.headers('user', 'tracestate')).toEqual([undefined]);
  });

  it('whose caller does not sample it is passed on like that, with nothing told', async () => {
    const traceId = newTraceId();
    const traceparent = `00-${traceId}-${CALLER}-00`;
    await ask(traced.port, '/dashboard/42', { traceparent, tracestate: 'vendor=value' });
    for (const name of ['user', 'orders', 'recommendations'] as const) {
      const [sent] = sources.headers(name, 'traceparent');
      expect(sent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
      expect(sources.headers(name, 'tracestate')).toEqual(['vendor=value']);
    }
    await trace('/dashboard/42', 7);
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it('that fails is an error, and so is what failed below it', async () => {
    for (const source of sources.of.user)
      source.faults = { ...source.faults, errorRate: 1, errorStatus: 500 };
    const found = await trace('/dashboard/42?include=user', 3);
    expect(found.server).toMatchObject({
      status: ERROR,
      attributes: {
        'http.response.status_code': 502,
        'error.type': '502',
        'tributary.missing': ['user'],
      },
    });
    expect(found.call('user')).toMatchObject({
      status: ERROR,
      attributes: { 'tributary.outcome': 'upstream_error', 'error.type': 'upstream_error' },
    });
    expect(found.attempts('user')[0]).toMatchObject({
      status: ERROR,
      attributes: { 'http.response.status_code': 500, 'error.type': '500' },
    });
  });

  it('that is refused is no error of ours', async () => {
    const { server, all } = await trace('/dashboard/42?include=nobody', 1);
    expect(all).toHaveLength(1);
    expect(server).toMatchObject({ status: 0, attributes: { 'http.response.status_code': 400 } });
  });

  it('whose caller left is cancelled, with what was under way', async () => {
    for (const source of sources.all) source.faults = { ...source.faults, badAnswer: 'hang' };
    const traceId = newTraceId();
    const request = http
      .get({
        host: '127.0.0.1',
        port: traced.port,
        path: '/dashboard/42?include=user',
        headers: { traceparent: `00-${traceId}-${CALLER}-01` },
        agent: false,
      })
      .on('error', () => undefined);
    await until(() => sources.headers('user', 'traceparent').length === 1, 'it is under way');
    request.destroy();
    const found = await collector.trace(traceId, 3);
    expect(found.server.attributes).toMatchObject({ 'tributary.cancelled': true });
    for (const span of [found.call('user'), ...found.attempts('user')])
      expect(span).toMatchObject({ status: 0, attributes: { 'tributary.outcome': 'cancelled' } });
  });

  it('served to health probes or as a document has no span', async () => {
    const before = collector.spans.length;
    for (const path of ['/health/live', '/health/ready', '/openapi.json'])
      await ask(traced.port, path);
    const { all } = await trace('/dashboard/42', 7);
    expect(collector.spans.slice(before)).toHaveLength(all.length);
  });
});

it('nothing of who asks for whom is told', async () => {
  const [id, email] = ['someone@example.org', 'private@example.org'];
  const traceId = newTraceId();
  await ask(traced.port, `/dashboard/${id}?include=user&secret=${email}`, {
    traceparent: `00-${traceId}-${CALLER}-01`,
    authorization: 'Bearer hush-hush',
    cookie: `session=${email}`,
    'x-request-id': 'who-asked-for-it',
    'user-agent': email,
    baggage: `user=${email}`,
  });
  await collector.trace(traceId, 3);
  for (const secret of ['example.org', 'hush', 'who-asked', encodeURIComponent(id)])
    expect(collector.text).not.toContain(secret);
  expect(sources.headers('user', 'baggage')).toEqual([undefined]);
});
