import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceName } from '../src/clients/sources.ts';
import { DashboardAnswerSchema } from '../src/dashboard/contract/dashboard.contract.ts';
import type { Plan, SourcePlan } from '../src/dashboard/contract/dashboard.plan.contract.ts';
import { answerOf, problemOf, TestService, until } from './support/service.ts';

/** `?explain=true`: the EXPLAIN ANALYZE of one request. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({
    EXPLAIN: 'on',
    DEADLINE_MS: '460',
    SOURCE_BREAKER_MIN_CALLS: '100000',
    USER_SERVICE_FRESH_MS: '60000',
  });
});
afterAll(() => service.stop());
afterEach(async () => {
  await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
});

/** @throws TypeError when there is no such plan */
const planIn = (plan: Plan | undefined, source: SourceName): SourcePlan => {
  const found = plan?.[source];
  if (found === undefined) throw new TypeError(`no plan of ${source}`);
  return found;
};

const planOf = async (path: string, source: SourceName): Promise<SourcePlan> =>
  planIn(DashboardAnswerSchema.parse(answerOf(await service.request(path))).meta.plan, source);

const hostOf = (source: SourceName): string => new URL(service.sources[source].url).host;

describe('a plan', () => {
  it('has every attempt with its instance, times and outcome', async () => {
    service.script({ orders: { errorRate: 1, errorStatus: 503 } });
    const answer = answerOf(await service.request('/dashboard/1?explain=true'));
    const { attempts, ...rest } = planIn(answer.meta.plan, 'orders');
    expect(rest).toEqual({ cache: 'miss', coalesced: false, queuedMs: 0, breaker: 'closed' });
    expect(attempts).toMatchObject([
      { number: 1, kind: 'first', instance: hostOf('orders'), outcome: 'upstream_error' },
      { number: 2, kind: 'retry', instance: hostOf('orders'), outcome: 'upstream_error' },
    ]);
    const [first, retry] = attempts;
    expect(first?.startMs).toBeGreaterThanOrEqual(0);
    expect(first?.endMs).toBeGreaterThanOrEqual(first?.startMs ?? NaN);
    expect(retry?.startMs).toBeGreaterThanOrEqual(first?.endMs ?? NaN);
    expect(retry?.endMs).toBeLessThanOrEqual(answer.meta.elapsedMs + 1);
    expect(answer.sources.orders?.attempts).toBe(2);
  });

  it('has exactly the asked sections', async () => {
    service.script();
    const answer = answerOf(
      await service.request('/dashboard/2?include=orders,recommendations&explain=true'),
    );
    expect(Object.keys(answer.meta.plan ?? {})).toEqual(['orders', 'recommendations']);
  });

  it('says that an attempt ran out, and when', async () => {
    service.script({ orders: { badAnswer: 'hang' } });
    const { attempts } = await planOf('/dashboard/3?explain=true', 'orders');
    expect(attempts).toMatchObject([{ number: 1, kind: 'first', outcome: 'timeout' }]);
    expect(attempts[0]?.endMs).toBeGreaterThanOrEqual(400);
  });

  it('says that nothing was asked because a fresh answer was remembered', async () => {
    service.script();
    await service.request('/dashboard/4');
    expect(await planOf('/dashboard/4?explain=true', 'user')).toMatchObject({
      cache: 'hit',
      attempts: [],
    });
  });

  it('says that a call joined one that was under way', async () => {
    service.script({ orders: { latencyMs: 200 } });
    const leading = service.request('/dashboard/5?include=orders');
    await until(() => service.sources.orders.counts.requests === 1, 'the first call is there');
    const { coalesced, attempts } = await planOf(
      '/dashboard/5?include=orders&explain=true',
      'orders',
    );
    await leading;
    expect(coalesced).toBe(true);
    expect(attempts).toMatchObject([{ number: 1, outcome: 'ok' }]);
    expect(attempts[0]?.startMs).toBeLessThan(0);
    expect(service.sources.orders.counts.requests).toBe(1);
  });

  it('comes with a problem too', async () => {
    service.script({ orders: { errorRate: 1 } });
    const response = await service.request('/dashboard/6?require=orders&explain=true');
    expect(response.status).toBe(502);
    expect(problemOf(response).meta?.plan?.orders?.attempts).toMatchObject([
      { number: 1, outcome: 'upstream_error' },
    ]);
  });

  it('of what was cancelled because there is no such user', async () => {
    service.script({ orders: { badAnswer: 'hang' } });
    const response = await service.request('/dashboard/nobody?explain=true');
    expect(response.status).toBe(404);
    const problem = problemOf(response);
    expect(problem.sources?.orders).toMatchObject({ reason: 'skipped', attempts: 1 });
    expect(problem.meta?.plan?.orders?.attempts).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('stands in short in Server-Timing', async () => {
    service.script({ orders: { errorRate: 1, errorStatus: 503 } });
    const { headers } = await service.request('/dashboard/7?explain=true');
    const host = hostOf('orders').replace('.', '\\.');
    expect(headers['server-timing']).toMatch(
      new RegExp(
        `orders;dur=[\\d.]+;desc="upstream_error: cache miss, first ${host} upstream_error [\\d.]+ms, retry ${host} upstream_error [\\d.]+ms"`,
      ),
    );
  });
});

describe('a plan of a call that we refused ourselves', () => {
  let strict: TestService;
  beforeAll(async () => {
    strict = await TestService.start({
      EXPLAIN: 'on',
      DEADLINE_MS: '460',
      SOURCE_RETRIES: '0',
      SOURCE_BREAKER_MIN_CALLS: '2',
      ORDER_SERVICE_MAX_CONCURRENT: '1',
    });
  });
  afterAll(() => strict.stop());

  const planFor = async (user: number): Promise<SourcePlan> => {
    const response = await strict.request(`/dashboard/${user}?explain=true`);
    return planIn(answerOf(response).meta.plan, 'orders');
  };

  it('says how long it stood in line', async () => {
    strict.script({ orders: { badAnswer: 'hang' } });
    const holding = strict.request('/dashboard/1');
    await until(() => strict.sources.orders.counts.requests === 1, 'the permit is taken');
    const { queuedMs, attempts } = await planFor(2);
    await holding;
    expect(attempts).toEqual([]);
    // MAX_QUEUE_WAIT_MS is 75.
    expect(queuedMs).toBeGreaterThanOrEqual(74);
    expect(queuedMs).toBeLessThan(400);
  });

  it('says that the circuit was open', async () => {
    strict.script({ orders: { errorRate: 1 } });
    for (const user of [3, 4]) await planFor(user);
    const { breaker, attempts } = await planFor(5);
    expect({ breaker, attempts }).toEqual({ breaker: 'open', attempts: [] });
  });
});

describe('without being asked', () => {
  it('there is no plan, and no address anywhere', async () => {
    service.script({ orders: { errorRate: 1, errorStatus: 503 } });
    for (const path of ['/dashboard/8', '/dashboard/8?explain=false']) {
      const response = await service.request(path);
      expect(response.status).toBe(200);
      expect(answerOf(response).meta).not.toHaveProperty('plan');
      expect(JSON.stringify(response.headers) + response.text).not.toContain(hostOf('orders'));
    }
  });
});
