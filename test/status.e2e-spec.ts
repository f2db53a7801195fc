import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Faults } from '../demo/faults.ts';
import { SOURCE_NAMES, type SourceName } from '../src/clients/sources.ts';
import { DashboardService } from '../src/dashboard/dashboard.service.ts';
import { ProblemSchema } from '../src/http/problem/problem.ts';
import { answerOf, problemOf, QUIET, TestService } from './support/service.ts';

/** Which status the whole answer has, by what became of its sections. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({
    ...QUIET,
    DEADLINE_MS: '300',
    SOURCE_BREAKER_MIN_CALLS: '100000',
  });
});
afterAll(() => service.stop());

const HANG: Partial<Faults> = { badAnswer: 'hang' };
const BROKEN: Partial<Faults> = { errorRate: 1 };
const LIMITED: Partial<Faults> = { errorRate: 1, errorStatus: 429, retryAfter: 7 };
const NOT_FOUND: Partial<Faults> = { errorRate: 1, errorStatus: 404 };
const all = (faults: Partial<Faults>): Partial<Record<SourceName, Partial<Faults>>> =>
  Object.fromEntries(SOURCE_NAMES.map((name) => [name, faults]));

it.each<[string, string, Partial<Record<SourceName, Partial<Faults>>>, number, string]>([
  ['nothing came, all timeouts', '', all(HANG), 504, 'upstream-timeout'],
  ['nothing came, all errors', '', all(BROKEN), 502, 'upstream-failure'],
  ['nothing came, all rate limited', '', all(LIMITED), 503, 'upstream-unavailable'],
  [
    'nothing came, rate limited and timeouts',
    '',
    { ...all(HANG), orders: LIMITED },
    503,
    'upstream-unavailable',
  ],
  [
    'nothing came, one error among timeouts',
    '',
    { ...all(HANG), orders: BROKEN },
    502,
    'upstream-failure',
  ],
  ['a required one timed out', '?require=orders', { orders: HANG }, 504, 'upstream-timeout'],
  ['a required one failed', '?require=orders', { orders: BROKEN }, 502, 'upstream-failure'],
  [
    'a required one is limited',
    '?require=orders',
    { orders: LIMITED },
    503,
    'upstream-unavailable',
  ],
  [
    'two required: a timeout and a failure',
    '?require=orders,user',
    { orders: BROKEN, user: HANG },
    502,
    'upstream-failure',
  ],
  [
    'only the required one decides',
    '?require=orders',
    { ...all(BROKEN), orders: HANG },
    504,
    'upstream-timeout',
  ],
  [
    'the required one does not exist',
    '?require=orders',
    { orders: NOT_FOUND },
    502,
    'upstream-failure',
  ],
  ['nothing of what was asked came', '?include=orders', { orders: HANG }, 504, 'upstream-timeout'],
])('%s: %s', async (_what, query, faults, status, type) => {
  service.script(faults);

  const response = await service.request(`/dashboard/41${query}`);

  const problem = ProblemSchema.parse(problemOf(response));
  expect(response.status).toBe(status);
  expect(problem).toMatchObject({ status, type: `/problems/${type}`, instance: '/dashboard/41' });
  expect(new Set(problem.missing)).toEqual(new Set(Object.keys(faults)));
  expect(Object.keys(problem.sources ?? {}).length).toBe(
    query.includes('include') ? 1 : SOURCE_NAMES.length,
  );
  expect(response.headers['x-aggregation-complete']).toBe('false');
  expect(response.headers['cache-control']).toBe('private, no-store');
  expect(response.headers['server-timing']).toContain('total;dur=');
  expect(response.headers['retry-after']).toBe(status === 503 ? '7' : undefined);
  expect(response.text).not.toMatch(/127\.0\.0\.1|demo source/);
});

it('a section that came is enough when none is required', async () => {
  service.script({ user: HANG, orders: BROKEN });
  const response = await service.request('/dashboard/41');
  expect(response.status).toBe(200);
  expect(answerOf(response)).toMatchObject({
    status: 'partial_success',
    missing: ['user', 'orders'],
  });
});

it('a source can be required by configuration; what is not asked is not required', async () => {
  const strict = await TestService.start({ ORDER_SERVICE_REQUIRED: 'true' });
  strict.script({ orders: BROKEN });
  expect((await strict.request('/dashboard/41')).status).toBe(502);
  expect((await strict.request('/dashboard/41?include=user')).status).toBe(200);
  await strict.stop();
});

describe('a user who does not exist', () => {
  it('is a 404 at once, and the other calls are cancelled', async () => {
    service.script({ orders: HANG, recommendations: HANG });

    const response = await service.request('/dashboard/9999');

    const problem = ProblemSchema.parse(problemOf(response));
    expect(response.status).toBe(404);
    expect(response.elapsedMs).toBeLessThan(200);
    expect(problem).toMatchObject({
      type: '/problems/user-not-found',
      missing: expect.arrayContaining(['user', 'orders', 'recommendations']),
      sources: {
        user: { status: 'missing', reason: 'not_found', retryable: false },
        orders: { status: 'missing', reason: 'skipped' },
        recommendations: { status: 'missing', reason: 'skipped' },
      },
    });
    expect(response.headers['x-aggregation-complete']).toBe('false');
    for (const name of ['orders', 'recommendations'] as const) {
      await untilAborted(name);
    }
  });

  it('keeps what had landed before', async () => {
    service.script({ user: { latencyMs: 100 }, recommendations: HANG });
    const problem = problemOf(await service.request('/dashboard/9999'));
    expect(problem.sources?.orders?.status).toBe('fresh');
    expect(problem.missing).toEqual(expect.arrayContaining(['user', 'recommendations']));
  });

  it('410 says the same', async () => {
    service.script({ user: { errorRate: 1, errorStatus: 410 } });
    expect((await service.request('/dashboard/41')).status).toBe(404);
  });

  it('is nobody when the user was not asked for', async () => {
    service.script();
    expect((await service.request('/dashboard/9999?include=orders')).status).toBe(200);
  });

  async function untilAborted(name: SourceName): Promise<void> {
    const { counts } = service.sources[name];
    while (counts.aborted === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(counts).toMatchObject({ aborted: 1, inFlight: 0 });
  }
});

it('a bug of our own is a 500 that tells nothing, and the next request is served', async () => {
  service.script();
  const dashboards = service.app.nest.get(DashboardService);
  const broken = jest.spyOn(dashboards, 'sections').mockImplementation(() => {
    throw new TypeError('password of the database');
  });
  const response = await service.request('/dashboard/41');
  broken.mockRestore();
  expect(response.status).toBe(500);
  expect(ProblemSchema.parse(problemOf(response))).toMatchObject({
    type: '/problems/internal-server-error',
  });
  expect(response.text).not.toMatch(/password|TypeError|\.ts/);
  expect((await service.request('/dashboard/41')).status).toBe(200);
});
