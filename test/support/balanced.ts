import { Balancer, type InstanceStatus } from '../../src/instances/balancer.ts';
import type { Evidence, Instance } from '../../src/instances/instance.ts';
import { seededRandom, VirtualClock } from './virtual-clock.ts';

/** Names with their weights; `'abc'` are three with a weight of 1. */
export type Named = string | Readonly<Record<string, number>>;

/** A balancer in virtual time, whose instances go by their names. */
export class Balanced {
  readonly clock = new VirtualClock();
  readonly balancer: Balancer;

  constructor(named: Named, seed = 1) {
    this.balancer = new Balancer(this.clock, seededRandom(seed));
    this.update(named);
  }

  /** Discovery names these. */
  update(named: Named): void {
    const weights = typeof named === 'string' ? named.split('').map(weightOne) : undefined;
    this.balancer.update(
      (weights ?? Object.entries(named)).map(([name, weight]) => ({
        origin: `http://${name}`,
        weight,
      })),
    );
  }

  instance(name: string): Instance {
    const found = this.balancer.list.find(({ address }) => address === name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  }

  status(name: string): InstanceStatus {
    const found = this.balancer.status().find(({ address }) => address === name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  }

  /** An attempt at the instance ended. */
  end(name: string, evidence: Evidence, elapsedMs = 10, retryAfterMs?: number): void {
    this.balancer.ended(this.instance(name), evidence, elapsedMs, retryAfterMs);
  }

  /** So many attempts at the instance failed one after the other. */
  fail(name: string, times = 5): void {
    for (let time = 0; time < times; time += 1) this.end(name, 'failed');
  }

  /** Each of them answered twice: what happens once is not believed. @param names */
  answer(names: string, elapsedMs = 10): void {
    for (const name of names + names) this.end(name, 'answered', elapsedMs);
  }

  /** The instance that the next attempt of a call goes to. @param tried names */
  pick(tried = ''): string | undefined {
    return this.balancer.pick(this.tried(tried))?.address;
  }

  hasUntried(tried = ''): boolean {
    return this.balancer.hasUntried(this.tried(tried));
  }

  /** Each instance's share of many picks that leave the load as it is. @param tried names */
  shares(tried = '', times = 3_000): Readonly<Record<string, number>> {
    const shares = Object.fromEntries(this.balancer.list.map(({ address }) => [address, 0]));
    for (let time = 0; time < times; time += 1) {
      const name = this.pick(tried) ?? 'nobody';
      shares[name] = (shares[name] ?? 0) + 1 / times;
    }
    return shares;
  }

  private tried(names: string): readonly { readonly instance: Instance }[] {
    return names.split('').map((name) => ({ instance: this.instance(name) }));
  }
}

const weightOne = (name: string): [string, number] => [name, 1];
