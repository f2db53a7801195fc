import type { Clock, Timer } from '../../context/clock.ts';
import type { Random } from '../balancer.ts';
import type { Address } from '../instance.ts';
import type { Discovery, DiscoveryListener } from './discovery.ts';
import type { Lookup } from './lookup/lookup.ts';

/** After a failure sooner than that, twice as long after each further one: whoever waits for a registry to come up. */
const FIRST_RETRY_MS = 250;

/**
 * Asks a registry again and again. A registry that fails or suddenly knows nobody is more likely to be wrong than
 * right, so the last good list is kept, however long it takes. Everybody's first refresh comes at a moment of its own
 * and every further one a little off, so that processes that were started together do not ask together.
 */
export class Refreshing implements Discovery {
  private readonly lookup: Lookup;
  private readonly clock: Clock;
  private readonly random: Random;
  private listener: DiscoveryListener | undefined;
  private timer: Timer | undefined;
  /** The last good list, as text to compare. */
  private known: string | undefined;
  private failures = 0;

  constructor(lookup: Lookup, clock: Clock, random: Random) {
    this.lookup = lookup;
    this.clock = clock;
    this.random = random;
  }

  start(listener: DiscoveryListener): void {
    this.listener = listener;
    void this.refresh();
  }

  stop(): void {
    this.listener = undefined;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.lookup.cancel();
  }

  private async refresh(): Promise<void> {
    const answer = await this.ask();
    // It was stopped meanwhile.
    if (this.listener === undefined) return;
    const isFirst = this.known === undefined;
    if (typeof answer === 'string') this.failed(answer, this.listener);
    else this.learned(answer, this.listener);
    this.timer = this.clock.setTimeout(() => void this.refresh(), this.pauseMs(isFirst));
    if (typeof this.timer === 'object') this.timer.unref();
  }

  /** The instances, or why they are not known. */
  private async ask(): Promise<readonly Address[] | string> {
    try {
      const addresses = eachOnce(await this.lookup.find());
      return addresses.length > 0 ? addresses : 'no instance is listed';
    } catch (error) {
      return messageOf(error);
    }
  }

  private failed(problem: string, listener: DiscoveryListener): void {
    this.failures += 1;
    if (this.failures === 1) listener.failing(problem);
  }

  private learned(addresses: readonly Address[], listener: DiscoveryListener): void {
    if (this.failures > 0) listener.recovered();
    this.failures = 0;
    const found = JSON.stringify(addresses);
    if (found === this.known) return;
    this.known = found;
    listener.found(addresses);
  }

  private pauseMs(isFirst: boolean): number {
    const { refreshMs } = this.lookup;
    if (this.failures > 0)
      return Math.min(FIRST_RETRY_MS * 2 ** (this.failures - 1), refreshMs) * this.jitter();
    return refreshMs * (isFirst ? this.random() : this.jitter());
  }

  private jitter(): number {
    return 0.8 + 0.4 * this.random();
  }
}

function messageOf(error: unknown): string {
  // Of several addresses that all refused, Node says nothing but a code.
  const { message, code } = Object(error) as { message?: unknown; code?: unknown };
  return String(message || code || error);
}

/** Each origin once, with the greatest weight it is listed with, in an order that is not the answer's. */
function eachOnce(addresses: readonly Address[]): readonly Address[] {
  const best = new Map<string, Address>();
  for (const address of addresses) {
    const other = best.get(address.origin);
    if (other === undefined || isBetter(address, other)) best.set(address.origin, address);
  }
  return [...best.values()].sort((a, b) => (a.origin < b.origin ? -1 : 1));
}

const isBetter = (a: Address, b: Address): boolean =>
  a.weight > b.weight || (a.weight === b.weight && (a.hostname ?? '') < (b.hostname ?? ''));
