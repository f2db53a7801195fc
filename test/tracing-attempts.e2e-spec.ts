import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Collector, ERROR, type Trace } from './support/collector.ts';
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

/** A span an attempt: retries, hedges, and calls that are shared. */

const collector = new Collector();
const sources = new SourcePairs();
let traced: RunningService;

beforeAll(async () => {
  await Promise.all([collector.listen(), sources.listen()]);
  traced = await sources.start(
    { ...STEADY, ...otlpTo(collector.url), RECOMMENDATION_SERVICE_HEDGE: 'on' },
    ['orders', 'recommendations'],
  );
}, 120_000);
afterAll(async () => {
  await traced.process.kill();
  await Promise.all([collector.close(), sources.close()]);
});
beforeEach(() => sources.reset());

const trace = (path: string, count: number): Promise<Trace> =>
  askTraced(traced, collector, path, count);

const spanIdIn = (traceparent: string | undefined): string => traceparent?.split('-')[2] ?? '';

it('attempts that are made again are spans of their own, each known to its source', async () => {
  const [one, other] = sources.of.orders;
  one.faults = { ...one.faults, errorRate: 1, errorStatus: 503 };
  for (let tries = 0; tries < 20; tries += 1) {
    const found = await trace('/dashboard/42?include=orders', 3);
    if (one.seen.length === 0) {
      sources.reset();
      one.faults = { ...one.faults, errorRate: 1, errorStatus: 503 };
      continue;
    }
    const call = found.call('orders');
    const attempts = await collector.trace(call.traceId, 4).then((all) => all.attempts('orders'));
    expect(attempts).toMatchObject([
      {
        parentSpanId: call.spanId,
        status: ERROR,
        attributes: {
          'tributary.attempt.number': 1,
          'tributary.attempt.kind': 'first',
          'tributary.outcome': 'upstream_error',
          'http.response.status_code': 503,
          'server.port': Number(new URL(one.url).port),
        },
      },
      {
        parentSpanId: call.spanId,
        status: 0,
        attributes: {
          'tributary.attempt.number': 2,
          'tributary.attempt.kind': 'retry',
          'tributary.outcome': 'ok',
          'http.request.resend_count': 1,
          'server.port': Number(new URL(other.url).port),
        },
      },
    ]);
    expect(call.attributes).toMatchObject({ 'tributary.attempts': 2, 'tributary.outcome': 'ok' });
    expect(spanIdIn(one.seen.at(-1)?.headers['traceparent'] as string)).toBe(attempts[0]?.spanId);
    expect(spanIdIn(other.seen.at(-1)?.headers['traceparent'] as string)).toBe(attempts[1]?.spanId);
    return;
  }
  throw new Error('the bad instance was never asked');
});

it('attempts beside a slow one are hedges, and the loser is cancelled', async () => {
  const path = '/dashboard/42?include=recommendations';
  // Enough for a p95, and for the budget of a hedge.
  for (let known = 0; known < 40; known += 1) await ask(traced.port, path);
  const pair = sources.of.recommendations;
  for (let tries = 0; tries < 20; tries += 1) {
    sources.reset();
    pair[0].faults = { ...pair[0].faults, badAnswer: 'hang' };
    const found = await trace(path, 3);
    if (pair[0].seen.length === 0) continue;
    const attempts = await collector
      .trace(found.server.traceId, 4)
      .then((all) => all.attempts('recommendations'));
    expect(attempts.map(({ attributes }) => attributes['tributary.attempt.kind'])).toEqual([
      'first',
      'hedge',
    ]);
    expect(attempts.map(({ attributes }) => attributes['tributary.outcome'])).toEqual([
      'cancelled',
      'ok',
    ]);
    expect(attempts.map(({ status }) => status)).toEqual([0, 0]);
    return;
  }
  throw new Error('the bad instance was never asked');
});

it('attempts that are shared hang under the call that came first; who joined points there', async () => {
  const [user] = sources.of.user;
  user.faults = { ...user.faults, latencyMs: 300 };
  const [first, second] = [newTraceId(), newTraceId()];
  const askAs = (traceId: string) =>
    ask(traced.port, '/dashboard/77?include=user', {
      traceparent: `00-${traceId}-${CALLER}-01`,
    });
  const one = askAs(first);
  await until(() => user.seen.length === 1, 'the call is under way');
  await Promise.all([one, askAs(second)]);
  expect(user.seen).toHaveLength(1);
  const [boarded, joined] = [await collector.trace(first, 3), await collector.trace(second, 2)];
  expect(boarded.call('user').attributes['tributary.coalesced']).toBe(false);
  expect(joined.all).toHaveLength(2);
  expect(joined.call('user')).toMatchObject({
    parentSpanId: joined.server.spanId,
    attributes: { 'tributary.coalesced': true, 'tributary.outcome': 'ok' },
    links: [{ traceId: first, spanId: boarded.attempts('user')[0]?.spanId }],
  });
});
