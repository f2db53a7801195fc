import type { Instance } from './instance.ts';

/** Random numbers from 0 (included) to 1 (excluded); seeded in tests. */
export type Random = () => number;

/**
 * Power of two choices: of two instances picked at random, the one with fewer attempts in flight. Needs no view of
 * all instances and, unlike always taking the least loaded one, sends no herd to whichever looks idle.
 */
export class Balancer {
  private readonly instances: readonly Instance[];
  private readonly random: Random;

  constructor(instances: readonly Instance[], random: Random) {
    this.instances = instances;
    this.random = random;
  }

  /** Undefined when no instance is known. */
  pick(): Instance | undefined {
    const { length } = this.instances;
    if (length < 2) return this.instances[0];
    const first = Math.floor(this.random() * length);
    // One of the others, each as likely.
    const second = (first + 1 + Math.floor(this.random() * (length - 1))) % length;
    const [a, b] = [this.instances[first], this.instances[second]];
    return a !== undefined && b !== undefined && b.inFlight < a.inFlight ? b : a;
  }
}
