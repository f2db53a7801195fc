import { afterEach, describe, expect, it } from '@jest/globals';
import { DATA } from '../demo/data.ts';
import { DemoSource } from '../demo/demo-source.ts';
import { NO_FAULTS } from '../demo/faults.ts';
import type { SourceView } from '../src/management/sources.route.ts';
import { expectMoves, figuresOf, type Figures } from './support/scrape.ts';
import { QUIET, TestService, until } from './support/service.ts';

/** Second attempts as they are counted, and what the gauges and `/sources` say of the state of things. */

let service: TestService;
const instances: DemoSource[] = [];
afterEach(async () => {
  await service.stop();
  await Promise.all(instances.splice(0).map((instance) => instance.close()));
});

/** The addresses of so many instances of the order service. */
async function orders(count: number): Promise<string> {
  for (let made = 0; made < count; made += 1) {
    const instance = new DemoSource(`orders-${made}`, DATA.orders);
    await instance.listen();
    instances.push(instance);
  }
  return instances.map(({ url }) => url).join(',');
}

const gauges = (): Promise<Figures> => figuresOf(service, 'gauge');
const ask = (user = 41) => service.request(`/dashboard/${user}?include=orders`);
const nothingHeld = () => until(() => service.held.every((held) => held === 0), 'nothing is held');

async function sources(): Promise<Record<string, SourceView>> {
  const response = await fetch(`${service.managementUrl}/sources`);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return (await response.json()) as Record<string, SourceView>;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const inSeconds = (time: string | null | undefined): number =>
  (Date.parse(time ?? '') - Date.now()) / 1_000;

describe('a second attempt', () => {
  it('after a failed one is a retry', async () => {
    service = await TestService.start({ ...QUIET, SOURCE_RETRIES: '1' });
    service.script({ orders: { errorRate: 1, errorStatus: 503 } });
    await expectMoves(
      service,
      ask,
      {
        'requests_total failure': 1,
        'sections_total orders missing upstream_error': 1,
        'attempts_total orders first upstream_error': 1,
        'attempts_total orders retry upstream_error': 1,
      },
      1,
    );
    expect(await gauges()).toMatchObject({ 'retry_budget_tokens orders': 9.1 });
  });

  it('beside a slow one is a hedge, and the loser is cancelled', async () => {
    const url = await orders(2);
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_HEDGE: 'on',
      ORDER_SERVICE_URL: url,
    });
    for (let asked = 0; asked < 60; asked += 1) await ask();
    const count = async (...ends: string[]): Promise<number> => {
      const counters = await figuresOf(service, 'counter');
      return ends.reduce((sum, end) => sum + (counters[`attempts_total orders ${end}`] ?? 0), 0);
    };
    const losers = () => count('first cancelled', 'hedge cancelled');
    const before = await losers();
    // Slower than the service is used to wherever it asks first, and one much more so: that one loses.
    for (const [index, instance] of instances.entries())
      instance.faults = { ...NO_FAULTS, latencyMs: 500 + 700 * index };
    for (let asked = 0; asked < 20 && (await losers()) === before; asked += 1) {
      await ask();
      await nothingHeld();
    }
    expect(await losers()).toBe(before + 1);
    expect(await count('hedge ok', 'hedge cancelled')).toBeGreaterThan(before);
  });

  it('of a shared call counts once, whoever waits for it', async () => {
    service = await TestService.start({ ...QUIET, SOURCE_COALESCE: 'on' });
    service.script({ orders: { latencyMs: 700 } });
    await expectMoves(
      service,
      () => Promise.all([ask(), ask(), ask()]),
      {
        'requests_total success': 3,
        'sections_total orders fresh': 3,
        'attempts_total orders first ok': 1,
      },
      3,
    );
  });
});

describe('the gauges and /sources', () => {
  it('say what is under way, what waits and how much may, and are back at 0 afterwards', async () => {
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_MAX_CONCURRENT: '2',
      ORDER_SERVICE_MAX_QUEUE_WAIT_MS: '60000',
      DEADLINE_MS: '4000',
    });
    service.script({ orders: { badAnswer: 'hang' } });
    const held = [1, 2, 3].map((user) => ask(user));
    const { bulkhead } = service.runtime('orders');
    await until(() => bulkhead.queued === 1 && service.asked === 2, 'one waits');
    const busy = { limit: 2, inFlight: 2, queued: 1, instances: [{ inFlight: 2 }] };
    expect(await gauges()).toMatchObject({
      in_flight: 3,
      'source_in_flight orders': 2,
      'source_queued orders': 1,
      'source_limit orders': 2,
      'source_in_flight user': 0,
      'source_limit user': 1000,
      'source_limit recommendations': 100,
      'instances orders available': 1,
      'instances orders ejected': 0,
      'discovery_failing orders': 0,
    });
    expect(await sources()).toMatchObject({ orders: busy });
    await Promise.all(held);
    await until(() => service.app.admission.inFlight === 0, 'all have left');
    await nothingHeld();
    const idle = { in_flight: 0, 'source_in_flight orders': 0, 'source_queued orders': 0 };
    expect(await gauges()).toMatchObject(idle);
    expect(await sources()).toMatchObject({ orders: { inFlight: 0, queued: 0 } });
  });

  it('have every source from the start, in the shape that is promised', async () => {
    service = await TestService.start(QUIET);
    const idle = (limit: number, address: string) => ({
      limit,
      inFlight: 0,
      queued: 0,
      breaker: { state: 'closed', failureRatio: 0, openUntil: null },
      budget: 10,
      latencyMs: { p50: 0, p95: 0, p99: 0 },
      instances: [
        {
          address: new URL(address).host,
          inFlight: 0,
          latencyMs: 0,
          weight: 1,
          ejectedUntil: null,
        },
      ],
    });
    const { user, orders: ordersSource, recommendations } = service.sources;
    expect(await sources()).toEqual({
      user: idle(1000, user.url),
      orders: idle(1000, ordersSource.url),
      recommendations: idle(100, recommendations.url),
    });
    await ask();
    await nothingHeld();
    const { orders: after } = await sources();
    expect(after?.budget).toBe(10.1);
    expect(after?.instances[0]?.latencyMs).toBeGreaterThan(0);
    expect(after?.latencyMs.p99).toBeGreaterThanOrEqual(after?.latencyMs.p50 ?? NaN);
  });

  it('follow the breaker: exactly one state, since when and until when', async () => {
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_BREAKER_MIN_CALLS: '2',
      ORDER_SERVICE_BREAKER_OPEN_MS: '20000',
    });
    const states = async () => {
      const { 'breaker_state orders closed': closed, ...rest } = await gauges();
      return [closed, rest['breaker_state orders open'], rest['breaker_state orders half_open']];
    };
    expect(await states()).toEqual([1, 0, 0]);
    service.script({ orders: { errorRate: 1 } });
    await ask();
    await ask();
    expect(await states()).toEqual([0, 1, 0]);
    const { orders: view } = await sources();
    expect(view?.breaker).toEqual({
      state: 'open',
      failureRatio: expect.any(Number),
      openUntil: expect.stringMatching(ISO),
    });
    expect(inSeconds(view?.breaker.openUntil)).toBeGreaterThan(5);
    expect(inSeconds(view?.breaker.openUntil)).toBeLessThan(25);
  });

  it('follow ejections', async () => {
    const url = await orders(3);
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_BREAKER_MIN_CALLS: '100000',
      ORDER_SERVICE_URL: url,
    });
    const [bad] = instances;
    if (bad !== undefined) bad.faults = { ...NO_FAULTS, errorRate: 1 };
    const { balancer } = service.runtime('orders');
    for (let asked = 0; asked < 200 && balancer.counts.ejected === 0; asked += 1) await ask();
    expect(await gauges()).toMatchObject({
      'instances orders available': 2,
      'instances orders ejected': 1,
    });
    expect(await figuresOf(service, 'counter')).toMatchObject({
      'ejections_total orders': 1,
      'ejections_total user': 0,
    });
    const { orders: view } = await sources();
    const untils = view?.instances.map(({ ejectedUntil }) => ejectedUntil);
    expect(untils).toEqual([expect.stringMatching(ISO), null, null]);
    expect(inSeconds(untils?.[0])).toBeLessThanOrEqual(5);
  });

  it('say that discovery fails', async () => {
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_URL: 'file:///nowhere/at/all.json',
    });
    const { balancer } = service.runtime('orders');
    const failing = async () => (await gauges())['discovery_failing orders'] === 1;
    for (let looks = 0; looks < 200 && !(await failing()); looks += 1) await ask();
    expect(balancer.list).toEqual([]);
    expect(await gauges()).toMatchObject({
      'discovery_failing orders': 1,
      'discovery_failing user': 0,
      'instances orders available': 0,
    });
    expect(await sources()).toMatchObject({ orders: { instances: [] } });
  });
});

it('two services in one process count for themselves', async () => {
  service = await TestService.start(QUIET);
  const other = await TestService.start(QUIET);
  await expectMoves(other, () => ask(), {});
  const ofOther = await figuresOf(other, 'counter');
  expect(ofOther['requests_total success']).toBe(0);
  expect((await figuresOf(service, 'counter'))['requests_total success']).toBe(1);
  await other.stop();
});
