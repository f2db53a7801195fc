import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CompleteEventSchema,
  SectionEventSchema,
} from '../src/dashboard/contract/dashboard.stream.contract.ts';
import { ProblemSchema } from '../src/http/problem/problem.ts';
import { SECURITY_HEADERS } from '../src/http/security-headers.ts';
import { HeldService, PATH, RECOMMENDATIONS, USER } from './support/held-service.ts';
import { answerOf, problemOf } from './support/service.ts';
import { NDJSON, outcomes, SSE } from './support/stream-reader.ts';

/** The same dashboard section by section: what comes when, and what is still a plain problem. */

let held: HeldService;
beforeAll(async () => {
  held = await HeldService.start({ EXPLAIN: 'on' });
});
afterAll(() => held.stop());
afterEach(async () => {
  await held.settle();
  // No caller's coming and going is worth a line.
  expect(held.said.splice(0)).toEqual([]);
});

const steady = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    key === 'elapsedMs' || key === 'requestId' || key === 'plan' ? `some ${key}` : part,
  );

describe.each([
  ['text/event-stream', 'text/event-stream; charset=utf-8'],
  ['application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
])('as %s', (accept, contentType) => {
  it('each section comes when it lands, whatever the others do, and then the rest of the answer', async () => {
    const opening = held.open(PATH, accept);
    await held.recommendations.answer(RECOMMENDATIONS);
    const stream = await opening;
    const first = await stream.next();
    await held.orders.answer([]);
    const second = await stream.next();
    await held.user.answer(USER);
    const [third, complete, ...more] = await stream.rest();

    expect(first).toEqual({
      event: 'section',
      data: {
        source: 'recommendations',
        status: 'fresh',
        data: RECOMMENDATIONS,
        elapsedMs: expect.any(Number),
      },
    });
    expect(second.data).toMatchObject({ source: 'orders', status: 'fresh', data: [] });
    expect(third?.data).toMatchObject({ source: 'user', status: 'fresh', data: USER });
    for (const { data } of [first, second]) expect(SectionEventSchema.parse(data)).toEqual(data);
    expect(complete?.event).toBe('complete');
    expect(CompleteEventSchema.parse(complete?.data)).toEqual(complete?.data);
    expect(more).toEqual([]);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      ...SECURITY_HEADERS,
      'content-type': contentType,
      'cache-control': 'private, no-store',
      vary: 'Accept',
      'x-accel-buffering': 'no',
    });
    for (const unknown of ['x-aggregation-complete', 'server-timing', 'content-length'])
      expect(stream.headers).not.toHaveProperty(unknown);
  });

  it('its end is what JSON would have been, without the data', async () => {
    const asking = held.ask(`${PATH}&explain=true`, 'application/json');
    const opening = held.open(`${PATH}&explain=true`, accept);
    await held.holds(2);
    await held.orders.answer([]);
    await held.user.answer(USER);
    await held.recommendations.fail();
    const events = await (await opening).rest();
    const { data, ...answer } = answerOf(await asking);

    const complete = events.at(-1);
    expect(steady(complete?.data)).toEqual(steady(answer));
    expect(Object.keys(complete?.data ?? {})).toEqual(Object.keys(answer));
    expect(Object.keys(complete?.data.sources ?? {})).toEqual([
      'user',
      'orders',
      'recommendations',
    ]);
    expect(CompleteEventSchema.parse(complete?.data).meta.plan).toMatchObject({
      recommendations: { cache: 'miss', attempts: [{ outcome: 'upstream_error' }] },
    });
    expect(complete?.data).toMatchObject({
      status: 'partial_success',
      missing: ['recommendations'],
    });
    const sections = events.filter(({ event }) => event === 'section');
    expect(Object.fromEntries(sections.map((each) => [each.data.source, each.data.data]))).toEqual(
      data,
    );
  });
});

describe('before the first section that is there', () => {
  it('those that are missing already wait for it', async () => {
    const opening = held.open(PATH, SSE);
    await held.recommendations.fail();
    await held.landed(2);
    await held.orders.fail(404);
    await held.user.answer(USER);
    const events = await (await opening).rest();

    expect(outcomes(events)).toEqual([
      'recommendations missing',
      'orders missing',
      'user fresh',
      'complete',
    ]);
    expect(events[0]?.data).toEqual({
      source: 'recommendations',
      status: 'missing',
      data: null,
      reason: 'upstream_error',
      elapsedMs: expect.any(Number),
    });
  });

  it.each<[what: string, path: string, status: number]>([
    ['a bad request', '/dashboard/41?include=nothing', 400],
    ['a path that is none', '/dashboard/41/orders', 404],
    ['a broken path', '/dashboard/%ZZ', 400],
  ])('%s is a plain problem', async (_what, path, status) => {
    const response = await held.ask(path, SSE);
    expect(response.status).toBe(status);
    expect(response.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      vary: 'Accept',
    });
    ProblemSchema.parse(problemOf(response));
  });

  it('a user that is none is a plain 404, and the other calls are cancelled', async () => {
    const asking = held.ask(PATH, SSE);
    await Promise.all([held.orders.holds(), held.recommendations.holds()]);
    await held.user.fail(404);
    const response = await asking;
    expect(response.status).toBe(404);
    expect(problemOf(response).sources).toMatchObject({ orders: { reason: 'skipped' } });
    await held.orders.isLeft();
    await held.recommendations.isLeft();
  });

  it.each([SSE, NDJSON])(
    'no section at all is the plain problem that JSON gets: %s',
    async (accept) => {
      const both = [held.ask(PATH, accept), held.ask(PATH, 'application/json')];
      await held.holds(2);
      for (const source of held.sources) await source.fail(503);
      const [streamed, plain] = await Promise.all(both);
      expect(streamed?.status).toBe(502);
      expect(steady(streamed && problemOf(streamed))).toEqual(steady(plain && problemOf(plain)));
      expect(streamed?.headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'x-aggregation-complete': 'false',
        'server-timing': expect.stringContaining('upstream_error'),
        vary: 'Accept',
      });
    },
  );

  it('a needed one that is missing is a plain problem, whatever comes after it', async () => {
    const asking = held.ask(`${PATH}&require=orders`, SSE);
    await held.orders.fail();
    await held.landed(2);
    await held.user.answer(USER);
    await held.recommendations.answer(RECOMMENDATIONS);
    const response = await asking;
    expect(response.status).toBe(502);
    expect(problemOf(response)).toMatchObject({
      missing: ['orders'],
      sources: { user: { status: 'fresh' } },
    });
  });
});

describe('after it', () => {
  it('a user that is none ends it with the problem at once, and the other calls are cancelled', async () => {
    const opening = held.open(PATH, SSE);
    await held.recommendations.answer(RECOMMENDATIONS);
    const stream = await opening;
    await held.orders.holds();
    await held.user.fail(404);
    const events = await stream.rest();
    expect(outcomes(events)).toEqual(['recommendations fresh', 'error']);
    expect(events[1]?.data).toMatchObject({
      type: '/problems/user-not-found',
      status: 404,
      instance: '/dashboard/41',
      requestId: stream.headers['x-request-id'],
      missing: ['user', 'orders'],
      sources: { orders: { reason: 'skipped' }, recommendations: { status: 'fresh' } },
    });
    expect(ProblemSchema.parse(events[1]?.data)).toEqual(events[1]?.data);
    await held.orders.isLeft();
  });

  it('a needed one that is missing ends it with the problem that JSON gets', async () => {
    const path = `${PATH}&require=orders`;
    const asking = held.ask(path, 'application/json');
    const opening = held.open(path, NDJSON);
    await held.holds(2);
    await held.user.answer(USER);
    const stream = await opening;
    await held.orders.fail(429);
    await held.recommendations.answer(RECOMMENDATIONS);
    const events = await stream.rest();
    expect(outcomes(events)).toEqual([
      'user fresh',
      'orders missing',
      'recommendations fresh',
      'error',
    ]);
    expect(events[3]?.data.status).toBe(503);
    expect(steady(events[3]?.data)).toEqual(steady(problemOf(await asking)));
  });

  it('what has not come by the deadline is missing, and the stream ends in time', async () => {
    const opening = held.open(PATH, SSE, { 'x-request-timeout-ms': '400' });
    await held.user.answer(USER);
    const events = await (await opening).rest();
    expect(outcomes(events).toSorted()).toEqual([
      'complete',
      'orders missing',
      'recommendations missing',
      'user fresh',
    ]);
    const { meta, sources: reports } = CompleteEventSchema.parse(events[3]?.data);
    expect(reports.orders).toMatchObject({ reason: 'timeout' });
    // By 340 ms; the rest is for the machine. Without the deadline it would be 15 s.
    expect(meta.elapsedMs).toBeLessThan(400 + 250);
    await held.orders.isLeft();
  });
});
