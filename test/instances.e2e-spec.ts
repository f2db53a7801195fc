import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DATA } from '../demo/data.ts';
import { DemoSource } from '../demo/demo-source.ts';
import { NO_FAULTS } from '../demo/faults.ts';
import { Outbound } from '../src/outbound/outbound.ts';
import type { Balancer } from '../src/instances/balancer.ts';
import { answerOf, TestService, until } from './support/service.ts';

/** Three instances of the order service, one of them in trouble: callers notice nothing, and it is soon left alone. */

let instances: DemoSource[];
let service: TestService;
beforeEach(async () => {
  instances = [1, 2, 3].map((number) => new DemoSource(`orders-${number}`, DATA.orders));
  await Promise.all(instances.map((instance) => instance.listen()));
  service = await TestService.start({
    ORDER_SERVICE_URL: instances.map(({ url }) => url).join(','),
  });
});
afterEach(async () => {
  await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
  await service.stop();
  await Promise.all(instances.map((instance) => instance.close()));
});

const balancer = (): Balancer => {
  const orders = [...service.app.nest.get(Outbound).sources].find(({ name }) => name === 'orders');
  if (orders === undefined) throw new Error('no orders');
  return orders.balancer;
};

/** Dashboards of different users, a few at a time; how many lacked their orders. */
async function lackingOf(count: number): Promise<number> {
  let lacking = 0;
  for (let asked = 0; asked < count; asked += 5) {
    const batch = [0, 1, 2, 3, 4].map((at) =>
      service.request(`/dashboard/${((asked + at) % 999) + 1}?include=orders`),
    );
    for (const response of await Promise.all(batch))
      if (response.status !== 200 || answerOf(response).missing.length > 0) lacking += 1;
  }
  return lacking;
}

it('all well: nothing is missing, and each is asked', async () => {
  expect(await lackingOf(150)).toBe(0);
  // How many times is up to their latency, which is the machine's here: the shares are judged in virtual time.
  for (const { counts } of instances) expect(counts.requests).toBeGreaterThan(0);
});

it('one that fails at once is no black hole: retried elsewhere, then left out', async () => {
  const [bad] = instances as [DemoSource];
  bad.faults = { ...NO_FAULTS, errorRate: 1, errorStatus: 503 };
  // Ten tokens to start with and one for ten calls: enough for what it takes to find out.
  expect(await lackingOf(100)).toBe(0);
  expect(balancer().counts).toEqual({ available: 2, ejected: 1 });
  const before = bad.counts.requests;
  expect(await lackingOf(50)).toBe(0);
  expect(bad.counts.requests).toBe(before);
});

it('one whose process is killed costs nobody an answer, kept connections and new ones alike', async () => {
  expect(await lackingOf(50)).toBe(0);
  const [killed] = instances as [DemoSource];
  await killed.close();
  expect(await lackingOf(100)).toBe(0);
});

it('one that is slow gets little', async () => {
  const [slow, ...others] = instances as [DemoSource, DemoSource, DemoSource];
  slow.faults = { ...NO_FAULTS, latencyMs: 600 };
  expect(await lackingOf(200)).toBe(0);
  for (const { counts } of others)
    expect(counts.requests).toBeGreaterThan(3 * slow.counts.requests);
});
