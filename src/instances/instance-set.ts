import type { Address } from './instance.ts';
import { TrackedInstance } from './tracked-instance.ts';

/** The instances of one source together: who is known, how many may be left out, and what is usual among them. */

/** Share of them that may be ejected at once, though always one where there are two. */
const MOST_EJECTED = 0.34;
/** With a smaller share than this left, all are used: what is left would not carry the load. */
const PANIC_BELOW = 0.5;
/** How long one is remembered that discovery no longer names: it may just have blinked. */
const REMEMBERED_MS = 30_000;

export class InstanceSet {
  private known: readonly TrackedInstance[] = [];
  private readonly gone = new Map<string, { instance: TrackedInstance; until: number }>();

  get all(): readonly TrackedInstance[] {
    return this.known;
  }

  /** Those that are known keep their state, also over a short absence; new ones start slowly. */
  update(addresses: readonly Address[], now: number): void {
    // The first ones of all are equally cold: to hold them back would protect nothing.
    const startedAt = this.known.length === 0 ? -Infinity : now;
    for (const [origin, { until }] of this.gone) if (until <= now) this.gone.delete(origin);
    for (const instance of this.known)
      this.gone.set(instance.origin, { instance, until: now + REMEMBERED_MS });
    const named = new Map(addresses.map((address) => [address.origin, address]));
    this.known = Array.from(
      named.values(),
      (address) => this.recall(address) ?? new TrackedInstance(address, startedAt),
    );
  }

  /** When it may return, in `clock.now()` ms; undefined unless ejected. The only one never is. */
  ejectedUntil(instance: TrackedInstance, now: number): number | undefined {
    return this.known.length < 2 ? undefined : instance.ejectedUntil(now);
  }

  ejectedCount(now: number): number {
    let count = 0;
    for (const instance of this.known)
      if (this.ejectedUntil(instance, now) !== undefined) count += 1;
    return count;
  }

  /** Whether so few are left that ejections do not count. */
  isPanicking(now: number): boolean {
    const { length } = this.known;
    return length - this.ejectedCount(now) < length * PANIC_BELOW;
  }

  /** Whether one more may be left out. */
  mayEject(instance: TrackedInstance, now: number): boolean {
    const { length } = this.known;
    const most = Math.max(1, Math.floor(length * MOST_EJECTED));
    return length > 1 && this.ejectedCount(now) < most && this.known.includes(instance);
  }

  /** The median latency in ms: what to expect of one that nothing is known of. Undefined while nothing is at all. */
  usualMs(now: number): number | undefined {
    const latencies = this.known
      .map((instance) => instance.expectedMs(now))
      .filter((latencyMs) => latencyMs !== undefined)
      .sort((a, b) => a - b);
    // The lower one of two: the other may be the one in trouble.
    return latencies[Math.floor((latencies.length - 1) / 2)];
  }

  private recall(address: Address): TrackedInstance | undefined {
    const instance = this.gone.get(address.origin)?.instance;
    // Under another name it is another one: TLS and `Host` go by the name.
    if (instance === undefined || instance.hostname !== address.hostname) return undefined;
    this.gone.delete(address.origin);
    instance.weight = address.weight;
    return instance;
  }
}
