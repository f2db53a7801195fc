import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Balanced } from '../../test/support/balanced.ts';
import type { Evidence, Instance } from './instance.ts';

/** Whatever happens to a balancer, in whatever order, some things never do. */

const NAMES = 'abcdefgh';
const EVIDENCE: readonly Evidence[] = ['answered', 'failed', 'abandoned', 'limited', 'none'];

/** A balancer, and what one must know to judge it: what is under way, and who asked to be left alone until when. */
class World {
  readonly balanced = new Balanced('abc', 5);
  readonly pausedUntil = new Map<Instance, number>();
  private readonly underWay: Instance[] = [];

  constructor() {
    this.balanced.balancer.onEject((instance) => this.checkEjection(instance));
  }

  get ejected(): readonly string[] {
    const statuses = this.balanced.balancer.status();
    return statuses
      .filter(({ ejectedUntil }) => ejectedUntil !== undefined)
      .map(({ address }) => address);
  }

  update(weights: readonly (number | undefined)[]): void {
    const named = weights.flatMap((weight, at) =>
      weight === undefined ? [] : [[NAMES[at], weight] as const],
    );
    this.balanced.update(Object.fromEntries(named));
  }

  pick(tried: readonly Instance[]): void {
    const { balancer } = this.balanced;
    const attempts = tried.map((instance) => ({ instance }));
    const hasUntried = balancer.hasUntried(attempts);
    const instance = balancer.pick(attempts);
    if (instance !== undefined) {
      instance.inFlight += 1;
      this.underWay.push(instance);
    }
    this.checkPick(instance, tried, hasUntried);
  }

  end(at: number, evidence: Evidence, elapsedMs: number, retryAfterMs: number | undefined): void {
    const [instance] = this.underWay.splice(at % Math.max(1, this.underWay.length), 1);
    if (instance === undefined) return;
    instance.inFlight -= 1;
    const saysSo = evidence === 'failed' && retryAfterMs !== undefined;
    if (evidence === 'limited' || saysSo) {
      const until = this.balanced.clock.now() + Math.min(retryAfterMs ?? 1_000, 30_000);
      this.pausedUntil.set(instance, Math.max(until, this.pausedUntil.get(instance) ?? 0));
    }
    this.balanced.balancer.ended(instance, evidence, elapsedMs, retryAfterMs);
  }

  check(): void {
    const { balancer, clock } = this.balanced;
    const { length } = balancer.list;
    const { available, ejected } = balancer.counts;
    expect(ejected).toBe(this.ejected.length);
    expect(available + ejected).toBe(length);
    if (length < 2) expect(ejected).toBe(0);
    for (const { latencyMs, ejectedUntil, inFlight } of balancer.status()) {
      expect(latencyMs ?? 0).toBeGreaterThanOrEqual(0);
      expect(latencyMs ?? 0).toBeLessThan(Infinity);
      expect(inFlight).toBeGreaterThanOrEqual(0);
      if (ejectedUntil !== undefined) expect(ejectedUntil).toBeGreaterThan(clock.now());
      expect(ejectedUntil ?? 0).toBeLessThanOrEqual(clock.now() + 60_000);
    }
  }

  private checkPick(
    picked: Instance | undefined,
    tried: readonly Instance[],
    hasUntried: boolean,
  ): void {
    const { list, counts } = this.balanced.balancer;
    if (list.length === 0) return expect(picked).toBeUndefined();
    if (picked === undefined) throw new Error('there is an instance, and none was picked');
    expect(list).toContain(picked);
    const panic = counts.available < list.length / 2;
    const usable = list.filter(({ address }) => panic || !this.ejected.includes(address));
    expect(usable).toContain(picked);
    const now = this.balanced.clock.now();
    const isQuiet = (instance: Instance): boolean => now >= (this.pausedUntil.get(instance) ?? 0);
    if (usable.some(isQuiet) && list.length > 1) expect(isQuiet(picked)).toBe(true);
    expect(hasUntried).toBe(!tried.includes(picked));
    const alike = usable.filter((instance) => isQuiet(instance) === isQuiet(picked));
    if (tried.includes(picked)) expect(tried).toEqual(expect.arrayContaining(alike));
  }

  /** At the moment of it; the list may shrink later. */
  private checkEjection(instance: Instance): void {
    const { list, counts } = this.balanced.balancer;
    expect(this.ejected).toContain(instance.address);
    expect(counts.ejected).toBeLessThanOrEqual(Math.max(1, Math.floor(list.length * 0.34)));
    expect(counts.available).toBeGreaterThan(0);
  }
}

const weight = fc.option(fc.double({ min: 0.01, max: 100, noNaN: true }), { nil: undefined });
const durationMs = fc.oneof(
  fc.constantFrom(0, 1, 10),
  fc.double({ min: 0, max: 100_000, noNaN: true }),
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.nat(7), { maxLength: 3 }).map((tried) => ({ tried })) },
  {
    weight: 6,
    arbitrary: fc.record({
      at: fc.nat(20),
      evidence: fc.constantFrom(...EVIDENCE),
      elapsedMs: durationMs,
      retryAfterMs: fc.option(durationMs, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.nat(7).map((failing) => ({ failing })) },
  { weight: 2, arbitrary: fc.nat(8_000).map((advanceMs) => ({ advanceMs })) },
  {
    weight: 1,
    arbitrary: fc.array(weight, { maxLength: NAMES.length }).map((weights) => ({ weights })),
  },
);

it('picks one that may be picked, ejects no more than it may, and stays finite, whatever happens', () => {
  let ejections = 0;
  let panics = 0;
  const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const world = new World();
    const { balancer, clock } = world.balanced;
    balancer.onEject(() => (ejections += 1));
    for (const taken of steps) {
      const listed = balancer.list;
      if ('tried' in taken) world.pick(listed.filter((_, at) => taken.tried.includes(at)));
      if ('at' in taken) world.end(taken.at, taken.evidence, taken.elapsedMs, taken.retryAfterMs);
      if ('failing' in taken && listed.length > 0)
        world.balanced.fail(listed[taken.failing % listed.length]?.address ?? '', 5);
      if ('advanceMs' in taken) clock.advance(taken.advanceMs);
      if ('weights' in taken) world.update(taken.weights);
      if (balancer.counts.available < listed.length / 2) panics += 1;
      world.check();
    }
  });
  fc.assert(property, { numRuns: 300, seed: 11 });
  // It is worth nothing if what it is about never came up.
  expect(ejections).toBeGreaterThan(100);
  expect(panics).toBeGreaterThan(5);
});
