import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES, type SourceUrls } from '../bodies.ts';
import { Instance } from './instance.ts';
import { INSTANCES, type SourceName } from './scenarios.ts';

/**
 * A source with three instances, an address each, and one address in front that hands requests to them in turn, well
 * or not: what a balancer without health checks does.
 */
export class Source {
  readonly instances: readonly Instance[];
  /** Most requests under way at once since this was last set to 0. */
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

  /** @returns all instances, as the service takes them, and the one in front */
  async listen(): Promise<Listening> {
    const instances = await Promise.all(this.instances.map((instance) => instance.listen()));
    return { instances: instances.join(','), front: await this.listenInFront() };
  }

  private async listenInFront(): Promise<string> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.turn += 1;
      this.instances[this.turn % INSTANCES]?.serve(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 16_384, resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

export interface Listening {
  readonly instances: string;
  readonly front: string;
}

export interface Addresses {
  readonly instances: SourceUrls;
  readonly front: SourceUrls;
}

/** Lets all three listen. */
export async function listenAll(sources: Readonly<Record<SourceName, Source>>): Promise<Addresses> {
  const [user, orders, recommendations] = await Promise.all([
    sources.user.listen(),
    sources.orders.listen(),
    sources.recommendations.listen(),
  ]);
  const urls = (which: keyof Listening): SourceUrls => ({
    user: user[which],
    orders: orders[which],
    recommendations: recommendations[which],
  });
  return { instances: urls('instances'), front: urls('front') };
}

export const threeSources = (): Readonly<Record<SourceName, Source>> => ({
  user: new Source('user'),
  orders: new Source('orders'),
  recommendations: new Source('recommendations'),
});

/** Does something at a time, in `Date.now()` ms. */
export const at = (time: number, act: () => void): void =>
  void setTimeout(act, Math.max(0, time - Date.now()));
