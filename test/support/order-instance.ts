import type { Socket } from 'node:net';
import { OUTBOUND_LISTENERS, type OutboundListener } from '../../src/outbound/outbound-events.ts';
import { Outbound } from '../../src/outbound/outbound.ts';
import { RawSource } from './raw-source.ts';
import { until, type Response, type TestService } from './service.ts';

/** OrderService by instances that come and go. */

const NO_ORDERS = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]';

/** Only what discovery does happens: one attempt a call, of any length, and no memory. */
export const ONE_ATTEMPT = {
  DEADLINE_MS: '20000',
  SOURCE_ATTEMPT_TIMEOUT_MS: '20000',
  SOURCE_RETRIES: '0',
  SOURCE_STALE_MS: '0',
  SOURCE_COALESCE: 'off',
} as const;

/** One instance, which knows what reached it, and can hold its answers. */
export class OrderInstance {
  isHolding = false;
  private readonly held: Socket[] = [];
  private readonly raw = new RawSource((socket) => {
    if (this.isHolding) this.held.push(socket);
    else socket.write(NO_ORDERS);
  });

  /** @param port 0 takes a free one @param host another loopback address for another instance at the same port */
  async start(port = 0, host = '127.0.0.1'): Promise<this> {
    await this.raw.start(port, host);
    return this;
  }

  get port(): number {
    return this.raw.port;
  }

  /** Requests that reached it. */
  get asked(): number {
    return this.raw.heads.length;
  }

  get lastHost(): string | undefined {
    return /^host: (.*)$/im.exec(this.raw.heads.at(-1) ?? '')?.[1];
  }

  /** Connections that are open. */
  get open(): number {
    return this.raw.open;
  }

  /** Answers what it holds, and holds nothing more. */
  release(): void {
    this.isHolding = false;
    for (const socket of this.held.splice(0)) socket.write(NO_ORDERS);
  }

  stop(): Promise<void> {
    return this.raw.stop();
  }
}

export const askOrders = (service: TestService): Promise<Response> =>
  service.request('/dashboard/42?include=orders');

/** The instances of OrderService that the service knows. */
export function knownBy(service: TestService): readonly string[] {
  for (const { name, balancer } of service.app.nest.get(Outbound).sources)
    if (name === 'orders') return balancer.list.map(({ address }) => address).toSorted();
  return [];
}

/** Waits until the service knows these instances and no other ones. */
export const knows = (service: TestService, ...addresses: readonly string[]): Promise<void> =>
  until(
    () => knownBy(service).join() === addresses.toSorted().join(),
    `it knows ${addresses.join()} instead of ${knownBy(service).join()}`,
    15_000,
  );

/** What discovery of OrderService says from now on: `failing: why` or `well`. */
export function eventsOf(service: TestService): { next(expected: RegExp): Promise<void> } {
  const events: string[] = [];
  service.app.nest.get<OutboundListener[]>(OUTBOUND_LISTENERS).push({
    discoveryChanged: (source, problem) => {
      if (source === 'orders') events.push(problem === undefined ? 'well' : `failing: ${problem}`);
    },
  });
  return {
    next: async (expected) => {
      await until(() => events.length > 0, `discovery says ${expected.source}`, 15_000);
      const event = events.shift() ?? '';
      if (!expected.test(event)) throw new Error(`${event} instead of ${expected.source}`);
    },
  };
}

/** Asks until each of the instances was asked (again), and fails when one answer is none. */
export async function reach(
  service: TestService,
  ...instances: readonly OrderInstance[]
): Promise<void> {
  const before = instances.map(({ asked }) => asked);
  const isReached = (): boolean =>
    instances.every(({ asked }, index) => asked > (before[index] ?? 0));
  for (let turn = 0; !isReached(); turn += 1) {
    const { status } = await askOrders(service);
    if (status !== 200) throw new Error(`answered ${status}`);
    if (turn > 2_000) throw new Error('an instance is never asked');
  }
}

/** A call that the instance holds; resolves to its answer once it is released. */
export async function callHeldAt(
  service: TestService,
  instance: OrderInstance,
): Promise<{ readonly answer: Promise<Response> }> {
  await reach(service, instance);
  instance.isHolding = true;
  const before = instance.asked;
  while (true) {
    const answer = askOrders(service);
    const isAnswered = answer.then(() => true);
    const isHeld = until(() => instance.asked > before, 'it is asked', 15_000).then(() => false);
    // Another instance may have had it.
    if (!(await Promise.race([isAnswered, isHeld.catch(() => false)]))) return { answer };
  }
}
