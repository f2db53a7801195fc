import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { cleanups } from './support/cleanups.ts';
import { ConsulAgent } from './support/consul-agent.ts';
import {
  askOrders,
  callHeldAt,
  eventsOf,
  knows,
  ONE_ATTEMPT,
  OrderInstance,
  reach,
} from './support/order-instance.ts';
import { answerOf, problemOf, TestService, until } from './support/service.ts';

/** Discovery by an agent and by a file, over real sockets. By DNS: discovery-dns. */

// A registry is asked every 5 s, and every wait below is bounded.
jest.setTimeout(60_000);

const { later } = cleanups();

async function instance(): Promise<OrderInstance> {
  const started = await new OrderInstance().start();
  later(() => started.stop());
  return started;
}

async function service(url: string, env: Record<string, string> = {}): Promise<TestService> {
  const started = await TestService.start({ ...ONE_ATTEMPT, ...env, ORDER_SERVICE_URL: url });
  later(() => started.stop());
  return started;
}

const at = ({ port }: OrderInstance): string => `127.0.0.1:${port}`;

/** After a scenario: what the service held, and the connections of instances that are gone. */
async function nothingStays(of: TestService, ...gone: readonly OrderInstance[]): Promise<void> {
  await until(() => of.held.every((count) => count === 0), 'nothing is held');
  await until(() => gone.every(({ open }) => open === 0), 'no connection stays', 2_000);
}

describe('consul://', () => {
  async function agent(): Promise<ConsulAgent> {
    const started = await new ConsulAgent('orders').start();
    later(() => started.stop());
    return started;
  }
  const listed = ({ port }: OrderInstance) => ({ address: '127.0.0.1', port, tags: ['v2'] });

  it('the instances that pass are asked: those with the tag, at the node where they have no address', async () => {
    const consul = await agent();
    const [first, second, failing, other] = [
      await instance(),
      await instance(),
      await instance(),
      await instance(),
    ];
    consul.register(
      listed(first),
      { nodeAddress: '127.0.0.1', port: second.port, tags: ['v1', 'v2'] },
      { ...listed(failing), passing: false },
      { ...listed(other), tags: ['v1'] },
    );
    const asking = await service(`consul://127.0.0.1:${consul.port}/orders?tag=v2`);
    await knows(asking, at(first), at(second));
    await reach(asking, first, second);
    expect([failing.asked, other.asked]).toEqual([0, 0]);
    await nothingStays(asking, failing, other);
  });

  it('a change is known at once; one that goes finishes what it does', async () => {
    const consul = await agent();
    const [first, second, third] = [await instance(), await instance(), await instance()];
    consul.register(listed(first), listed(second));
    const asking = await service(`consul://127.0.0.1:${consul.port}/orders?tag=v2`);
    await knows(asking, at(first), at(second));
    const { answer } = await callHeldAt(asking, second);
    await until(() => consul.waiting === 1, 'the agent holds the next question');
    const askedBefore = second.asked;

    consul.register(listed(first), listed(third));
    await until(() => second.open === 1, 'its idle connections are closed', 2_000);
    await knows(asking, at(first), at(third));
    await reach(asking, first, third);
    expect(second.asked).toBe(askedBefore);

    second.release();
    expect((await answer).status).toBe(200);
    await nothingStays(asking, second);
  });

  it('what is known outlives an agent that fails, and an answer without anybody', async () => {
    const consul = await agent();
    const first = await instance();
    consul.register(listed(first));
    const asking = await service(`consul://127.0.0.1:${consul.port}/orders`);
    await knows(asking, at(first));
    const heard = eventsOf(asking);
    for (const fault of ['status', 'garbage', 'hang up'] as const) {
      consul.fault = fault;
      consul.expire();
      await heard.next(/^failing/);
      await reach(asking, first);
      consul.fault = 'none';
      await heard.next(/^well$/);
    }
    consul.register();
    await heard.next(/^failing: no instance/);
    await reach(asking, first);
    consul.register(listed(first));
    await heard.next(/^well$/);
    expect(first.open).toBe(1);
    await nothingStays(asking);
  });

  it('an agent that was restarted, and counts anew, is heard', async () => {
    const consul = await agent();
    const [first, second] = [await instance(), await instance()];
    consul.register(listed(first));
    const asking = await service(`consul://127.0.0.1:${consul.port}/orders`);
    await knows(asking, at(first));
    await until(() => consul.waiting === 1, 'the agent holds the next question');
    const { port } = consul;
    await consul.stop();
    consul.index = 1;
    consul.restore(listed(second));
    await consul.start(port);
    await knows(asking, at(second));
    await reach(asking, second);
    await nothingStays(asking, first);
  });

  it('before the agent is up the section is missing and the service is ready; then it is found soon', async () => {
    const consul = await agent();
    const { port } = consul;
    await consul.stop();
    const first = await instance();
    consul.register(listed(first));
    const asking = await service(`consul://127.0.0.1:${port}/orders`);
    const alone = await askOrders(asking);
    expect(alone.status).toBe(503);
    expect(problemOf(alone).sources?.orders).toMatchObject({ reason: 'no_instance', attempts: 0 });
    const all = await asking.request('/dashboard/42');
    expect(all.status).toBe(200);
    expect(answerOf(all)).toMatchObject({ status: 'partial_success', missing: ['orders'] });
    expect((await asking.request('/health/ready')).status).toBe(200);
    await consul.start(port);
    await knows(asking, at(first));
    await reach(asking, first);
    await nothingStays(asking);
  });

  it('stopping the service hangs up at the agent and at the instances', async () => {
    const consul = await agent();
    const first = await instance();
    consul.register(listed(first));
    const asking = await service(`consul://127.0.0.1:${consul.port}/orders`);
    await knows(asking, at(first));
    await reach(asking, first);
    await until(() => consul.waiting === 1, 'the agent holds the next question');
    await asking.stop();
    await until(() => consul.waiting === 0 && first.open === 0, 'everything is closed', 2_000);
  });
});

describe('file://', () => {
  function file(content?: unknown): { readonly url: string; write(content: unknown): void } {
    const folder = mkdtempSync(join(tmpdir(), 'discovery-'));
    later(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'my orders.json');
    const write = (next: unknown): void => {
      writeFileSync(`${path}.new`, typeof next === 'string' ? next : JSON.stringify(next));
      renameSync(`${path}.new`, path);
    };
    if (content !== undefined) write(content);
    return { url: `file://${encodeURI(path)}`, write };
  }

  it('is read again while it runs, with weights or without', async () => {
    const [first, second] = [await instance(), await instance()];
    const { url, write } = file([`http://${at(first)}`]);
    const asking = await service(url);
    await knows(asking, at(first));
    write([{ url: `http://${at(first)}`, weight: 3 }, `http://${at(second)}`]);
    await knows(asking, at(first), at(second));
    await reach(asking, first, second);
    write([`http://${at(second)}`]);
    await knows(asking, at(second));
    await reach(asking, second);
    await nothingStays(asking, first);
  });

  it('that comes late, breaks or goes away keeps what is known', async () => {
    const [first, second] = [await instance(), await instance()];
    const { url, write } = file();
    const asking = await service(url);
    expect((await askOrders(asking)).status).toBe(503);
    write([`http://${at(first)}`]);
    await knows(asking, at(first));
    const heard = eventsOf(asking);
    write(`["http://${at(second)}", "htt`);
    await heard.next(/^failing: not JSON$/);
    await reach(asking, first);
    rmSync(decodeURI(new URL(url).pathname));
    write([`http://${at(second)}`, `http://${at(second)}/`]);
    await heard.next(/^well$/);
    await knows(asking, at(second));
    rmSync(decodeURI(new URL(url).pathname));
    await heard.next(/^failing: ENOENT/);
    await reach(asking, second);
    await nothingStays(asking, first);
  });
});
