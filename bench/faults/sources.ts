import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES, type SourceUrls } from '../bodies.ts';
import { Instance } from './instance.ts';
import { INSTANCES, WELL, type Change, type SourceName } from './scenarios.ts';

/**
 * The three sources of one contender, in a process of their own. Each has three instances with an address each, and
 * one address in front that hands requests to them in turn, well or not: what a balancer without health checks does.
 * Says where they listen; is told of a fault, and afterwards asked what reached the source.
 */

export interface Addresses {
  /** All instances, as the service takes them. */
  readonly instances: SourceUrls;
  /** The one in front. */
  readonly front: SourceUrls;
}

export interface Fault {
  readonly source: SourceName;
  readonly instances: number;
  /** In `Date.now()` ms. */
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Change[];
}

export interface Reached {
  /** When, in `Date.now()` ms, requests arrived at the source … */
  readonly source: readonly number[];
  /** … and at those of its instances that were at fault. */
  readonly faulty: readonly number[];
  /** Most requests that the source had under way during the fault. */
  readonly mostInFlight: number;
}

class Source {
  readonly instances: readonly Instance[];
  mostInFlight = 0;
  private inFlight = 0;
  private turn = 0;

  constructor(name: SourceName) {
    const body = Buffer.from(JSON.stringify(BODIES[name]));
    const note = (change: 1 | -1): void => {
      this.inFlight += change;
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    };
    this.instances = Array.from({ length: INSTANCES }, () => new Instance(body, note));
  }

  async listenInFront(): Promise<string> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.turn += 1;
      this.instances[this.turn % INSTANCES]?.serve(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 16_384, resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

const sources: Readonly<Record<SourceName, Source>> = {
  user: new Source('user'),
  orders: new Source('orders'),
  recommendations: new Source('recommendations'),
};

async function addressesOf(source: Source): Promise<{ instances: string; front: string }> {
  const instances = await Promise.all(source.instances.map((instance) => instance.listen()));
  return { instances: instances.join(','), front: await source.listenInFront() };
}

function play({ source: name, instances, from, to, changes }: Fault): void {
  const source = sources[name];
  const faulty = source.instances.slice(0, instances);
  const at = (time: number, act: () => void): void =>
    void setTimeout(act, Math.max(0, time - Date.now()));
  at(from - 1, () => (source.mostInFlight = 0));
  for (const change of changes)
    at(from + change.at * 1_000, () => faulty.forEach((each) => each.become(change.behaviour)));
  let mostInFlight = 0;
  at(to, () => {
    mostInFlight = source.mostInFlight;
    faulty.forEach((each) => each.become(WELL));
  });
  process.once('message', () =>
    process.send?.({
      source: source.instances.flatMap(({ arrivals }) => arrivals),
      faulty: faulty.flatMap(({ arrivals }) => arrivals),
      mostInFlight,
    } satisfies Reached),
  );
}

process.on('disconnect', () => process.exit(0));
process.once('message', (fault: Fault) => {
  play(fault);
  process.send?.({});
});
const [user, orders, recommendations] = await Promise.all(
  [sources.user, sources.orders, sources.recommendations].map(addressesOf),
);
const urls = (which: 'instances' | 'front'): SourceUrls => ({
  user: user?.[which] ?? '',
  orders: orders?.[which] ?? '',
  recommendations: recommendations?.[which] ?? '',
});
process.send?.({ instances: urls('instances'), front: urls('front') } satisfies Addresses);
