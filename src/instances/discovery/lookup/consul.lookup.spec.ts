import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConsulAgent } from '../../../../test/support/consul-agent.ts';
import { heard, HeardDiscovery } from '../../../../test/support/discovery.ts';
import { until } from '../../../../test/support/service.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { parseSourceUrl, type ConsulUrl } from '../../../config/url/source-url.ts';
import type { Address } from '../../instance.ts';
import { Refreshing } from '../refreshing.ts';
import { ConsulLookup } from './consul.lookup.ts';
import type { Lookup } from './lookup.ts';

/** A scripted agent on loopback; the time that runs out is virtual. */

describe('the Consul lookup', () => {
  let agent: ConsulAgent;
  let clock: VirtualClock;
  beforeEach(async () => {
    clock = new VirtualClock();
    agent = await new ConsulAgent('my orders').start();
    agent.register({ address: '10.0.0.1', port: 8080 });
  });
  afterEach(() => agent.stop());

  const lookup = (query = ''): ConsulLookup => {
    const url = `consul://127.0.0.1:${agent.port}/my%20orders${query}`;
    return new ConsulLookup(parseSourceUrl(url) as ConsulUrl, clock);
  };
  const originsOf = async (asked: ConsulLookup) => (await asked.find()).map(({ origin }) => origin);
  const lastAsked = () => Object.fromEntries(agent.asked.at(-1)?.searchParams ?? []);
  const problemOf = (asked: ConsulLookup): Promise<string> =>
    asked.find().then(
      () => 'none',
      (error: Error) => error.message,
    );

  it('has the instances whose checks pass, each with its weight', async () => {
    agent.register(
      { address: '10.0.0.1', port: 8080 },
      { address: '10.0.0.2', port: 8081, weight: 5 },
      { address: '10.0.0.3', port: 8082, passing: false },
      { address: '2001:db8::1', port: 8083, weight: 0 },
    );
    expect(await lookup().find()).toEqual([
      { origin: 'http://10.0.0.1:8080', weight: 1 },
      { origin: 'http://10.0.0.2:8081', weight: 5 },
      { origin: 'http://[2001:db8::1]:8083', weight: 0.1 },
    ]);
  });

  it('takes the address of the node where the service has none', async () => {
    agent.register({ address: '', nodeAddress: '10.1.0.1', port: 80 });
    expect(await originsOf(lookup('?tls=true'))).toEqual(['https://10.1.0.1:80']);
  });

  it('leaves out what cannot be a server', async () => {
    agent.register(
      { address: '10.0.0.1', port: 0 },
      { address: '10.0.0.2', port: 65_536 },
      { address: '/run/orders.sock', port: 80 },
      { address: '', nodeAddress: '', port: 80 },
      { address: '10.0.0.999', port: 80 },
      { address: '10.0.0.3', port: 80 },
    );
    expect(await originsOf(lookup())).toEqual(['http://10.0.0.3']);
  });

  it('asks for all the tags, the datacenter, and passing checks only', async () => {
    agent.register(
      { address: '10.0.0.1', port: 80, tags: ['v2', 'eu'] },
      { address: '10.0.0.2', port: 80, tags: ['v2'] },
    );
    expect(await originsOf(lookup('?tag=v2&tag=eu&dc=east'))).toEqual(['http://10.0.0.1']);
    expect(lastAsked()).toEqual({ passing: 'true', tag: 'eu', dc: 'east' });
  });

  it('after the first answer waits at the agent for the next one', async () => {
    const asked = lookup();
    await asked.find();
    expect(lastAsked()).toEqual({ passing: 'true' });
    const second = originsOf(asked);
    await until(() => agent.waiting === 1, 'the agent holds the question');
    expect(lastAsked()).toEqual({ passing: 'true', index: '11', wait: '30s' });
    agent.register({ address: '10.0.0.2', port: 80 });
    expect(await second).toEqual(['http://10.0.0.2']);
  });

  it('follows soon while the agent says when, and every 5 s while it does not', async () => {
    const asked = lookup();
    await asked.find();
    expect(asked.refreshMs).toBe(1_000);
    agent.withoutIndex = true;
    agent.register({ address: '10.0.0.1', port: 80 });
    await asked.find();
    expect(asked.refreshMs).toBe(5_000);
    await asked.find();
    expect(lastAsked()).toEqual({ passing: 'true' });
  });

  it('begins anew when the index goes backwards, and keeps what came with it', async () => {
    const asked = lookup();
    await asked.find();
    agent.index = 3;
    agent.restore({ address: '10.0.0.9', port: 80 });
    const second = originsOf(asked);
    await until(() => agent.waiting === 1, 'the agent holds the question');
    agent.expire();
    expect(await second).toEqual(['http://10.0.0.9']);
    await asked.find();
    expect(lastAsked()).toEqual({ passing: 'true' });
  });

  it.each([
    ['status', 'the agent answers 500'],
    ['garbage', 'not JSON'],
    ['endless', 'more than 8388608 bytes'],
    ['hang up', 'hang up'],
  ] as const)('fails at an agent with the fault "%s", and begins anew', async (fault, problem) => {
    const asked = lookup();
    await asked.find();
    agent.fault = fault;
    expect(await problemOf(asked)).toContain(problem);
    agent.fault = 'none';
    await asked.find();
    expect(lastAsked()).toEqual({ passing: 'true' });
    await until(() => clock.pending === 0, 'no timer is left');
  });

  it('fails when nobody listens', async () => {
    const asked = lookup();
    await agent.stop();
    expect(await problemOf(asked)).toContain('ECONNREFUSED');
    await until(() => clock.pending === 0, 'no timer is left');
  });

  it('fails at a list that is none', async () => {
    agent.register({ address: '10.0.0.1', port: 1.5 });
    expect(await problemOf(lookup())).toContain('not as expected at [0.Service.Port]');
  });

  it('gives a hung agent 7 s for the first answer', async () => {
    agent.fault = 'hang';
    const problem = problemOf(lookup());
    await until(() => agent.asked.length === 1, 'the agent is asked');
    clock.advance(6_800);
    expect(clock.pending).toBe(1);
    clock.advance(100);
    expect(await problem).toBe('the agent hangs');
    await until(() => clock.pending === 0, 'no timer is left');
  });

  it('gives one that hangs later the wait, its jitter and 5 s', async () => {
    const asked = lookup();
    await asked.find();
    const problem = problemOf(asked);
    await until(() => agent.waiting === 1, 'the agent holds the question');
    clock.advance(30_000 + 30_000 / 16 + 4_900);
    expect(clock.pending).toBe(1);
    clock.advance(200);
    expect(await problem).toBe('the agent hangs');
  });

  it('does not spin at an agent that never waits', async () => {
    agent.neverHolds = true;
    const asking = new CountedLookup(lookup());
    const discovery = new Refreshing(asking, clock, () => 0.5);
    const listener = new HeardDiscovery();
    discovery.start(listener);
    for (let asked = 1; asked <= 5; asked += 1) {
      await until(() => asking.answers === asked, 'an answer');
      await until(() => clock.pending === 1, 'the pause is the only timer left');
      clock.advance(450);
      await heard();
      expect(agent.asked).toHaveLength(asked);
      clock.advance(550);
    }
    discovery.stop();
    expect(listener.events).toEqual(['found http://10.0.0.1:8080']);
  });

  it('leaves nothing when it is given up', async () => {
    const asked = lookup();
    await asked.find();
    const given = problemOf(asked);
    await until(() => agent.waiting === 1, 'the agent holds the question');
    asked.cancel();
    expect(await given).not.toBe('none');
    await until(() => agent.waiting === 0, 'the connection closes');
    await until(() => clock.pending === 0, 'no timer is left');
  });
});

/** Knows how often it was answered: the agent hears a question before its answer is read. */
class CountedLookup implements Lookup {
  answers = 0;
  private readonly lookup: Lookup;

  constructor(lookup: Lookup) {
    this.lookup = lookup;
  }

  get refreshMs(): number {
    return this.lookup.refreshMs;
  }

  async find(): Promise<readonly Address[]> {
    const found = await this.lookup.find();
    this.answers += 1;
    return found;
  }

  cancel(): void {
    this.lookup.cancel();
  }
}
