import type { Clock } from '../context/clock.ts';
import { InstanceSet } from './instance-set.ts';
import type { Address, Evidence, Instance } from './instance.ts';
import { TrackedInstance } from './tracked-instance.ts';
import { chooseOf } from './two-choices.ts';

/** Random numbers from 0 (included) to 1 (excluded); seeded in tests. */
export type Random = () => number;

/** An attempt of the same call, as far as the choice of the next one's instance is concerned. */
export interface Tried {
  readonly instance: Instance | undefined;
}

/** One instance as the status page shows it. */
export interface InstanceStatus {
  readonly address: string;
  readonly inFlight: number;
  /** What its answers took lately, with an eye on the slow ones; undefined while it has given none. */
  readonly latencyMs: number | undefined;
  readonly weight: number;
  /** In `clock.now()` ms; undefined unless it is ejected. */
  readonly ejectedUntil: number | undefined;
}

export type EjectionListener = (instance: Instance, forMs: number) => void;

const NONE: readonly Tried[] = [];

/**
 * Which instance gets an attempt: the cheaper one of two, from those that are not ejected, were not tried by the same
 * call, and did not ask to be left alone. Learns from the end of every attempt.
 */
export class Balancer {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly set = new InstanceSet();
  private readonly listeners: EjectionListener[] = [];
  /** The first so many are up for choice; kept from pick to pick, so that none allocates. */
  private candidates: TrackedInstance[] = [];
  private readonly usualMs = (): number | undefined => this.set.usualMs(this.clock.now());

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  /** Every instance that discovery knows. */
  get list(): readonly Instance[] {
    return this.set.all;
  }

  /** How many take part and how many are ejected. */
  get counts(): { readonly available: number; readonly ejected: number } {
    const ejected = this.set.ejectedCount(this.clock.now());
    return { available: this.set.all.length - ejected, ejected };
  }

  /** Every instance as it stands now. */
  status(): InstanceStatus[] {
    const now = this.clock.now();
    return this.set.all.map((instance) => {
      // First: who returns is a stranger.
      const ejectedUntil = this.set.ejectedUntil(instance, now);
      const { address, inFlight, latencyMs, weight } = instance;
      return { address, inFlight, latencyMs, weight, ejectedUntil };
    });
  }

  onEject(listener: EjectionListener): void {
    this.listeners.push(listener);
  }

  /** Takes over what discovery found: known instances keep their state, the others come and go. */
  update(addresses: readonly Address[]): void {
    this.set.update(addresses, this.clock.now());
    this.candidates = [];
  }

  /** Undefined when no instance is known. @param tried not these, where there is another */
  pick(tried: readonly Tried[] = NONE): Instance | undefined {
    const { all } = this.set;
    if (all.length < 2) return all[0];
    const now = this.clock.now();
    const count = this.gather(tried, now);
    if (count < 2) return this.candidates[0];
    return chooseOf(this.candidates, count, this.usualMs, now, this.random);
  }

  /** Whether `pick` has an instance that is none of these. */
  hasUntried(tried: readonly Tried[]): boolean {
    this.gather(tried, this.clock.now());
    const [best] = this.candidates;
    return best !== undefined && !isAmong(tried, best);
  }

  /** What an attempt says about the instance that had it, once for each pick. */
  ended(instance: Instance, evidence: Evidence, elapsedMs: number, retryAfterMs?: number): void {
    if (evidence === 'none' || !(instance instanceof TrackedInstance)) return;
    const now = this.clock.now();
    switch (evidence) {
      case 'answered':
        return instance.answered(elapsedMs, now);
      case 'abandoned':
        return instance.abandoned(elapsedMs, now, this.usualMs());
      case 'limited':
        return instance.pause(retryAfterMs, now);
      case 'failed':
        instance.failed(elapsedMs, now, this.usualMs());
        if (retryAfterMs !== undefined) instance.pause(retryAfterMs, now);
        return this.eject(instance, now);
      default:
        return evidence satisfies never;
    }
  }

  private eject(instance: TrackedInstance, now: number): void {
    if (!instance.isFailing(now) || !this.set.mayEject(instance, now)) return;
    const forMs = instance.eject(now);
    for (const listener of this.listeners) listener(instance, forMs);
  }

  /** Lays out those that are up for choice. @returns how many */
  private gather(tried: readonly Tried[], now: number): number {
    const { set, candidates } = this;
    const all = set.isPanicking(now);
    let best = Infinity;
    let count = 0;
    for (const instance of set.all) {
      if (!all && set.ejectedUntil(instance, now) !== undefined) continue;
      const rank = (instance.isPaused(now) ? 2 : 0) + (isAmong(tried, instance) ? 1 : 0);
      if (rank > best) continue;
      if (rank < best) count = 0;
      best = rank;
      candidates[count] = instance;
      count += 1;
    }
    return count;
  }
}

function isAmong(tried: readonly Tried[], instance: Instance): boolean {
  for (const attempt of tried) if (attempt.instance === instance) return true;
  return false;
}
