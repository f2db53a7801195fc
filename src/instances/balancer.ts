import type { Clock } from '../context/clock.ts';
import type { Address, Evidence, Instance } from './instance.ts';

/** Random numbers from 0 (included) to 1 (excluded); seeded in tests. */
export type Random = () => number;

/**
 * Power of two choices: of two instances picked at random, the one with fewer attempts in flight. Needs no view of
 * all instances and, unlike always taking the least loaded one, sends no herd to whichever looks idle.
 */
export class Balancer {
  private readonly random: Random;
  private instances: readonly Instance[] = [];

  constructor(_clock: Clock, random: Random) {
    this.random = random;
  }

  /** Every instance that discovery knows. */
  get list(): readonly Instance[] {
    return this.instances;
  }

  /** Takes over what discovery found: known instances keep their state, the others come and go. */
  update(addresses: readonly Address[]): void {
    const known = new Map(this.instances.map((instance) => [instance.origin, instance]));
    this.instances = addresses.map(
      (address) =>
        known.get(address.origin) ?? {
          ...address,
          address: new URL(address.origin).host,
          inFlight: 0,
        },
    );
  }

  /** Undefined when no instance is known. @param tried not these, where there is another */
  pick(tried: readonly { readonly instance: Instance | undefined }[] = []): Instance | undefined {
    const untried = this.instances.filter((candidate) =>
      tried.every(({ instance }) => instance !== candidate),
    );
    const candidates = untried.length > 0 ? untried : this.instances;
    const { length } = candidates;
    if (length < 2) return candidates[0];
    const first = Math.floor(this.random() * length);
    // One of the others, each as likely.
    const second = (first + 1 + Math.floor(this.random() * (length - 1))) % length;
    const [a, b] = [candidates[first], candidates[second]];
    return a !== undefined && b !== undefined && b.inFlight < a.inFlight ? b : a;
  }

  /** Whether an instance is known that is not among those. */
  hasUntried(tried: readonly { readonly instance: Instance | undefined }[]): boolean {
    return this.instances.some((candidate) =>
      tried.every(({ instance }) => instance !== candidate),
    );
  }

  /** What an attempt says about the instance that had it, once for each pick. */
  ended(
    _instance: Instance,
    _evidence: Evidence,
    _elapsedMs: number,
    _retryAfterMs?: number,
  ): void {}
}
