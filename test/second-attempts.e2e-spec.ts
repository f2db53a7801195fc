import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATA } from '../demo/data.ts';
import { DemoSource } from '../demo/demo-source.ts';
import { NO_FAULTS, type Faults } from '../demo/faults.ts';
import type { SourcePlan } from '../src/dashboard/contract/dashboard.plan.contract.ts';
import { answerOf, TestService, until } from './support/service.ts';

/** Retries and hedges over real sockets, as two instances of the order service count them. */

const ORDERS = '?include=orders&explain=true';

async function twoInstances(): Promise<[DemoSource, DemoSource]> {
  const pair: [DemoSource, DemoSource] = [
    new DemoSource('orders-1', DATA.orders),
    new DemoSource('orders-2', DATA.orders),
  ];
  await Promise.all(pair.map((source) => source.listen()));
  return pair;
}

function script(source: DemoSource, faults: Partial<Faults> = {}): void {
  source.faults = { ...NO_FAULTS, ...faults };
  source.counts = { requests: 0, inFlight: 0, maxInFlight: 0, aborted: 0, connections: 0 };
  source.seen.length = 0;
}

let user = 0;
/** One dashboard of the orders of somebody not asked for before. */
async function ask(service: TestService) {
  user = (user % 999) + 1;
  const response = await service.request(`/dashboard/${user}${ORDERS}`);
  const body = answerOf(response);
  const report = body.sources.orders;
  const plan = body.meta.plan?.orders as SourcePlan;
  return { report, plan, elapsedMs: response.elapsedMs };
}

describe.each(['undici', 'axios'])('over %s, a failed attempt', (TRANSPORT) => {
  let instances: [DemoSource, DemoSource];
  let service: TestService;
  beforeAll(async () => {
    instances = await twoInstances();
  });
  beforeEach(async () => {
    for (const instance of instances) script(instance);
    // A service of its own for each test: what it learns of the instances is its own too.
    service = await TestService.start({
      TRANSPORT,
      EXPLAIN: 'on',
      ORDER_SERVICE_URL: instances.map(({ url }) => url).join(','),
      ORDER_SERVICE_BREAKER_MIN_CALLS: '100000',
    });
  });
  afterEach(async () => {
    await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
    await service.stop();
  });
  afterAll(() => Promise.all(instances.map((instance) => instance.close())));

  /** The first attempt meets the fault, whichever instance it goes to; the other instance is well. */
  async function askWithOneBad(faults: Partial<Faults>) {
    let [bad, good] = instances;
    script(bad, faults);
    for (let tries = 0; tries < 20; tries += 1) {
      const { report, plan } = await ask(service);
      if (plan.attempts[0]?.instance === new URL(bad.url).host) return { report, plan, good, bad };
    }
    throw new Error('the bad instance was never asked');
  }

  it.each<[string, Partial<Faults>, string]>([
    ['refused by a reset', { badAnswer: 'refuse' }, 'unreachable'],
    ['cut short', { badAnswer: 'cut_short' }, 'invalid_response'],
    ['answered 408', { errorRate: 1, errorStatus: 408 }, 'upstream_error'],
    ['answered 502', { errorRate: 1, errorStatus: 502 }, 'upstream_error'],
    ['answered 503', { errorRate: 1, errorStatus: 503 }, 'upstream_error'],
    ['answered 504', { errorRate: 1, errorStatus: 504 }, 'upstream_error'],
    [
      'answered 503 with a Retry-After that fits',
      { errorRate: 1, errorStatus: 503, retryAfter: 0 },
      'upstream_error',
    ],
  ])('%s goes out once more, to the other instance', async (_what, faults, outcome) => {
    const { report, plan, good } = await askWithOneBad(faults);
    expect(report).toMatchObject({ status: 'fresh', attempts: 2 });
    expect(plan.attempts).toMatchObject([
      { number: 1, kind: 'first', outcome },
      { number: 2, kind: 'retry', outcome: 'ok', instance: new URL(good.url).host },
    ]);
    expect(good.seen.at(-1)?.headers['x-attempt']).toBe('2');
  });

  it.each<[string, Partial<Faults>, string]>([
    ['answered 500', { errorRate: 1, errorStatus: 500 }, 'upstream_error'],
    ['answered 429', { errorRate: 1, errorStatus: 429 }, 'rate_limited'],
    ['answered 400', { errorRate: 1, errorStatus: 400 }, 'rejected'],
    ['answered 404', { errorRate: 1, errorStatus: 404 }, 'not_found'],
    ['redirected', { badAnswer: 'redirect' }, 'upstream_error'],
    ['answered with half a JSON', { badAnswer: 'bad_json' }, 'invalid_response'],
    ['answered with too much', { badAnswer: 'oversized' }, 'invalid_response'],
    [
      'answered 503 with a Retry-After beyond the deadline',
      { errorRate: 1, errorStatus: 503, retryAfter: 5 },
      'upstream_error',
    ],
  ])('%s does not', async (_what, faults, reason) => {
    for (const instance of instances) script(instance, faults);
    const { report } = await ask(service);
    expect(report).toMatchObject({ status: 'missing', reason, attempts: 1 });
    expect(instances[0].counts.requests + instances[1].counts.requests).toBe(1);
  });
});

describe('an attempt that takes too long', () => {
  it('is cut and goes to the other instance, while there is time for that', async () => {
    const instances = await twoInstances();
    const service = await TestService.start({
      EXPLAIN: 'on',
      ORDER_SERVICE_URL: instances.map(({ url }) => url).join(','),
      ORDER_SERVICE_ATTEMPT_TIMEOUT_MS: '200',
    });
    const [hanging] = instances;
    script(hanging, { badAnswer: 'hang' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(service)));
    for (const { report } of answers) expect(report?.status).toBe('fresh');
    const cut = answers.filter(({ plan }) => plan.attempts.length === 2);
    expect(cut.length).toBeGreaterThan(0);
    for (const { plan } of cut)
      expect(plan.attempts).toMatchObject([
        { outcome: 'timeout' },
        { kind: 'retry', outcome: 'ok' },
      ]);
    await until(() => hanging.counts.inFlight === 0, 'the cut attempts are aborted');
    expect(hanging.counts.aborted).toBe(cut.length);
    await service.stop();
    await Promise.all(instances.map((instance) => instance.close()));
  });
});

describe('extra attempts', () => {
  it('are at most a tenth in the long run, whatever fails', async () => {
    const service = await TestService.start({ SOURCE_BREAKER_MIN_CALLS: '100000' });
    service.script({ orders: { errorRate: 1, errorStatus: 503 } });
    const CALLS = 400;
    for (let batch = 0; batch < CALLS / 20; batch += 1)
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          service.request(`/dashboard/${batch * 20 + at + 1}?include=user,orders`),
        ),
      );
    // Ten to start with, and a tenth of the first attempts.
    expect(service.sources.orders.counts.requests).toBeLessThanOrEqual(CALLS * 1.1 + 10);
    expect(service.sources.orders.counts.requests).toBeGreaterThan(CALLS);
    await service.stop();
  });

  it('of a source that says when to come back wait as long, and hold nothing meanwhile', async () => {
    const service = await TestService.start({ EXPLAIN: 'on', ORDER_SERVICE_MAX_CONCURRENT: '1' });
    service.script({ orders: { errorRate: 1, errorStatus: 503, retryAfter: 1 } });
    const asking = ask(service);
    await until(() => service.sources.orders.counts.requests === 1, 'the first attempt');
    await until(() => service.held.every((held) => held === 0), 'nothing is held');
    service.sources.orders.faults = NO_FAULTS;
    const { report, plan } = await asking;
    expect(report).toMatchObject({ status: 'fresh', attempts: 2 });
    const [first, retry] = plan.attempts;
    expect((retry?.startMs ?? 0) - (first?.endMs ?? 0)).toBeGreaterThanOrEqual(999);
    await service.stop();
  });
});

describe('with HEDGE=on', () => {
  let instances: [DemoSource, DemoSource];
  let service: TestService;
  beforeAll(async () => {
    instances = await twoInstances();
    for (const instance of instances) script(instance);
    service = await TestService.start({
      EXPLAIN: 'on',
      ORDER_SERVICE_HEDGE: 'on',
      ORDER_SERVICE_MAX_CONCURRENT: '10',
      ORDER_SERVICE_MAX_QUEUE_WAIT_MS: '1000',
      ORDER_SERVICE_URL: instances.map(({ url }) => url).join(','),
    });
    // What is usual has to be known first, and a hedge saved up for.
    for (let call = 0; call < 60; call += 1) await ask(service);
  });
  afterAll(async () => {
    await service.stop();
    await Promise.all(instances.map((instance) => instance.close()));
  });

  it('a slow first attempt gets a second one elsewhere, whose answer wins; the loser is aborted', async () => {
    const [slow] = instances;
    script(slow, { latencyMs: 1_200 });
    let hedged: Awaited<ReturnType<typeof ask>> | undefined;
    for (let call = 0; call < 40 && hedged === undefined; call += 1) {
      const answer = await ask(service);
      if (answer.plan.attempts.some(({ kind }) => kind === 'hedge')) hedged = answer;
    }
    expect(hedged?.report).toMatchObject({ status: 'fresh', attempts: 2 });
    expect(hedged?.plan.attempts).toMatchObject([
      { number: 1, kind: 'first', instance: new URL(slow.url).host },
      { number: 2, kind: 'hedge', outcome: 'ok' },
    ]);
    expect(hedged?.elapsedMs).toBeLessThan(1_000);
    await until(() => slow.counts.inFlight === 0, 'the loser is aborted');
    await until(() => service.held.every((held) => held === 0), 'its permit is back');
    expect(slow.counts.aborted).toBeGreaterThan(0);
  });

  it('both count: never more than the cap at the sources, and no second attempt when there is little room', async () => {
    for (const instance of instances) script(instance, { latencyMs: 150 });
    const most = { atOnce: 0 };
    const watch = setInterval(() => {
      const atOnce = instances.reduce((sum, { counts }) => sum + counts.inFlight, 0);
      most.atOnce = Math.max(most.atOnce, atOnce);
    }, 1);
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(service)));
    clearInterval(watch);
    expect(most.atOnce).toBeLessThanOrEqual(10);
    expect(most.atOnce).toBeGreaterThan(5);
    for (const { report } of answers) expect(report?.status).toBe('fresh');
    const hedges = answers
      .flatMap(({ plan }) => plan.attempts)
      .filter(({ kind }) => kind === 'hedge');
    expect(hedges.length).toBeLessThanOrEqual(3);
  });
});
