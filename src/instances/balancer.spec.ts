import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../../test/support/virtual-clock.ts';
import { Balancer } from './balancer.ts';
import type { Instance } from './instance.ts';

const instancesOf = (...inFlight: number[]): Instance[] =>
  inFlight.map((count, index) => ({
    origin: `http://host-${index}:80`,
    address: `host-${index}:80`,
    inFlight: count,
  }));

/** How often each instance is picked. */
function picks(instances: readonly Instance[], times: number): number[] {
  const balancer = new Balancer(instances, seededRandom(42));
  const counts = instances.map(() => 0);
  for (let pick = 0; pick < times; pick += 1) {
    const picked = balancer.pick();
    const index = instances.findIndex((instance) => instance === picked);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

describe('Balancer', () => {
  it('picks nothing when no instance is known', () => {
    expect(new Balancer([], seededRandom(1)).pick()).toBeUndefined();
  });

  it('always picks the only one, however busy', () => {
    expect(picks(instancesOf(1_000), 10)).toEqual([10]);
  });

  it('never picks the busier of two', () => {
    expect(picks(instancesOf(3, 2), 1_000)).toEqual([0, 1_000]);
    expect(picks(instancesOf(2, 3), 1_000)).toEqual([1_000, 0]);
  });

  it('never picks the busiest of three', () => {
    const [idle = 0, middle = 0, busiest] = picks(instancesOf(0, 1, 2), 3_000);
    expect(busiest).toBe(0);
    // The idle one wins the two pairs of three that it is in.
    expect(idle / 3_000).toBeCloseTo(2 / 3, 1);
    expect(middle / 3_000).toBeCloseTo(1 / 3, 1);
  });

  it('spreads evenly over three that are equally busy', () => {
    for (const count of picks(instancesOf(5, 5, 5), 3_000)) {
      expect(count).toBeGreaterThan(900);
      expect(count).toBeLessThan(1_100);
    }
  });

  it('keeps three that never answer within a few of each other', () => {
    const instances = instancesOf(0, 0, 0);
    const balancer = new Balancer(instances, seededRandom(7));
    for (let pick = 0; pick < 3_000; pick += 1) {
      const instance = balancer.pick();
      if (instance !== undefined) instance.inFlight += 1;
    }
    const loads = instances.map(({ inFlight }) => inFlight);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThan(10);
  });

  it('picks a known instance that is not the busiest, whatever the load and the random numbers', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 2, maxLength: 9 }), random, random, (...all) => {
        const [loads, first, second] = all;
        const numbers = [first, second];
        const instances = instancesOf(...loads);
        const picked = new Balancer(instances, () => numbers.shift() ?? 0).pick();
        const others = instances.filter((instance) => instance !== picked);
        expect(others).toHaveLength(instances.length - 1);
        expect(others.some(({ inFlight }) => inFlight >= (picked?.inFlight ?? Infinity))).toBe(
          true,
        );
      }),
    );
  });
});
