import { describe, expect, it, jest } from '@jest/globals';
import { cleanups } from './support/cleanups.ts';
import { Dnsmasq, type Zone } from './support/dnsmasq.ts';
import {
  askOrders,
  callHeldAt,
  eventsOf,
  knownBy,
  knows,
  ONE_ATTEMPT,
  OrderInstance,
  reach,
} from './support/order-instance.ts';
import { has, onlyIf } from './support/programs.ts';
import { problemOf, TestService, until } from './support/service.ts';

/** Discovery by DNS, over real sockets, against a real DNS server. */

const itWithDnsmasq = onlyIf(has('dnsmasq', '--version'), 'dnsmasq is not installed');

// A registry is asked every 5 s, and every wait below is bounded.
jest.setTimeout(60_000);

const { later } = cleanups();

async function instance(port = 0, host = '127.0.0.1'): Promise<OrderInstance> {
  const started = await new OrderInstance().start(port, host);
  later(() => started.stop());
  return started;
}

async function dns(zone?: Zone): Promise<Dnsmasq> {
  const server = await Dnsmasq.prepare();
  later(() => server.remove());
  if (zone !== undefined) await server.start(zone);
  return server;
}

async function service(url: string, server?: Dnsmasq): Promise<TestService> {
  const started = await TestService.start({
    ...ONE_ATTEMPT,
    ORDER_SERVICE_URL: url,
    ...(server !== undefined && { DNS_SERVERS: server.address }),
  });
  later(() => started.stop());
  return started;
}

const nothingIsHeld = (of: TestService): Promise<void> =>
  until(() => of.held.every((count) => count === 0), 'nothing is held');

describe('dns://', () => {
  itWithDnsmasq('every address is asked, under the name', async () => {
    const first = await instance();
    const second = await instance(first.port, '127.0.0.2');
    const server = await dns({ hosts: { 'orders.test': ['127.0.0.1', '127.0.0.2'] } });
    const asking = await service(`dns://orders.test:${first.port}`, server);
    await knows(asking, `127.0.0.1:${first.port}`, `127.0.0.2:${first.port}`);
    await reach(asking, first, second);
    expect([first.lastHost, second.lastHost]).toEqual([
      `orders.test:${first.port}`,
      `orders.test:${first.port}`,
    ]);
    await nothingIsHeld(asking);
  });

  itWithDnsmasq('one that goes finishes what it does, one that comes is asked', async () => {
    const first = await instance();
    const second = await instance(first.port, '127.0.0.2');
    const third = await instance(first.port, '127.0.0.3');
    const server = await dns({ hosts: { 'orders.test': ['127.0.0.1', '127.0.0.2'] } });
    const asking = await service(`dns://orders.test:${first.port}`, server);
    await knows(asking, `127.0.0.1:${first.port}`, `127.0.0.2:${first.port}`);
    await reach(asking, first, second);
    const { answer } = await callHeldAt(asking, second);
    const askedBefore = second.asked;

    await server.reload({ hosts: { 'orders.test': ['127.0.0.1', '127.0.0.3'] } });
    await knows(asking, `127.0.0.1:${first.port}`, `127.0.0.3:${first.port}`);

    await until(() => second.open === 1, 'its idle connections are closed', 2_000);
    await reach(asking, first, third);
    expect(second.asked).toBe(askedBefore);
    second.release();
    expect((await answer).status).toBe(200);
    await until(() => second.open === 0, 'its last connection is closed', 2_000);
    await nothingIsHeld(asking);
  });

  itWithDnsmasq('what is known outlives the server, and a name that is gone', async () => {
    const first = await instance();
    const second = await instance(first.port, '127.0.0.2');
    const zone = { hosts: { 'orders.test': ['127.0.0.1'] } };
    const server = await dns(zone);
    const asking = await service(`dns://orders.test:${first.port}`, server);
    await knows(asking, `127.0.0.1:${first.port}`);
    const heard = eventsOf(asking);

    await server.stop();
    await heard.next(/^failing: query/);
    await reach(asking, first);
    await server.start(zone);
    await heard.next(/^well$/);

    await server.reload({ hosts: { 'others.test': ['127.0.0.1'] } });
    await heard.next(/^failing: no instance/);
    await reach(asking, first);
    expect(knownBy(asking)).toEqual([`127.0.0.1:${first.port}`]);

    await server.reload({ hosts: { 'orders.test': ['127.0.0.2'] } });
    await heard.next(/^well$/);
    await knows(asking, `127.0.0.2:${first.port}`);
    await reach(asking, second);
    await until(() => first.open === 0, 'the connections of the other are closed');
  });

  itWithDnsmasq('a server that comes up after the service is found soon', async () => {
    const first = await instance();
    const server = await dns();
    const asking = await service(`dns://orders.test:${first.port}`, server);
    const response = await askOrders(asking);
    expect(response.status).toBe(503);
    expect(problemOf(response).sources?.orders).toMatchObject({
      status: 'missing',
      reason: 'no_instance',
    });
    const ready = await asking.request('/health/ready');
    expect(ready.status).toBe(200);
    await server.start({ hosts: { 'orders.test': ['127.0.0.1'] } });
    await knows(asking, `127.0.0.1:${first.port}`);
    await reach(asking, first);
  });

  it("without servers of its own it asks the system's, which knows localhost", async () => {
    const first = await instance();
    const asking = await service(`dns://localhost:${first.port}`);
    await until(() => knownBy(asking).includes(`127.0.0.1:${first.port}`), 'it is found');
    expect(knownBy(asking).length).toBeLessThanOrEqual(2);
    // Where localhost is an IPv6 address as well, nobody listens there.
    for (let turn = 0; turn < 100 && first.asked === 0; turn += 1) await askOrders(asking);
    expect(first.lastHost).toBe(`localhost:${first.port}`);
  });
});

describe('srv://', () => {
  itWithDnsmasq('each record of the first priority is an instance, with its port', async () => {
    const first = await instance();
    const second = await instance();
    const spare = await instance();
    const hosts = { 'a.orders.test': ['127.0.0.1'], 'b.orders.test': ['127.0.0.1'] };
    const record = (target: string, { port }: OrderInstance, priority = 1, weight = 10) =>
      `_http._tcp.orders.test,${target}.orders.test,${port},${priority},${weight}`;
    const server = await dns({
      hosts,
      services: [record('a', first), record('b', second, 1, 0), record('b', spare, 2)],
    });
    const asking = await service('srv://_http._tcp.orders.test', server);
    await knows(asking, `127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`);
    await reach(asking, first, second);
    expect(first.lastHost).toBe(`a.orders.test:${first.port}`);
    expect(second.lastHost).toBe(`b.orders.test:${second.port}`);

    await server.stop();
    await server.start({ hosts, services: [record('b', second), record('a', spare)] });
    await knows(asking, `127.0.0.1:${second.port}`, `127.0.0.1:${spare.port}`);
    await until(() => first.open === 0, 'the connections of the removed one are closed');
    await reach(asking, second, spare);
    await nothingIsHeld(asking);
  });
});

describe('afterwards', () => {
  itWithDnsmasq('no connection stays', async () => {
    const first = await instance();
    const server = await dns({ hosts: { 'orders.test': ['127.0.0.1'] } });
    const asking = await service(`dns://orders.test:${first.port}`, server);
    await knows(asking, `127.0.0.1:${first.port}`);
    await reach(asking, first);
    expect(first.open).toBe(1);
    await asking.stop();
    await until(() => first.open === 0, 'its connection is closed');
  });
});
