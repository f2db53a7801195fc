import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Balanced, type Named } from '../../test/support/balanced.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { Balancer } from './balancer.ts';

/** With so many attempts in flight at each. */
function busy(inFlight: Readonly<Record<string, number>>, named?: Named): Balanced {
  const balanced = new Balanced(named ?? Object.keys(inFlight).join(''), 42);
  for (const [name, count] of Object.entries(inFlight)) balanced.instance(name).inFlight = count;
  return balanced;
}

/** Which have answered, each in its own time. */
function answering(latenciesMs: Readonly<Record<string, number>>, named?: Named): Balanced {
  const balanced = new Balanced(named ?? Object.keys(latenciesMs).join(''), 42);
  for (const [name, ms] of Object.entries(latenciesMs)) balanced.answer(name, ms);
  return balanced;
}

describe('the choice by attempts in flight', () => {
  it('picks nothing when no instance is known', () => {
    expect(new Balanced('').pick()).toBeUndefined();
  });

  it('always picks the only one, however busy', () => {
    expect(busy({ a: 1_000 }).shares()).toEqual({ a: expect.closeTo(1) });
  });

  it('never picks the busier of two', () => {
    expect(busy({ a: 3, b: 2 }).shares().a).toBe(0);
    expect(busy({ a: 2, b: 3 }).shares().b).toBe(0);
  });

  it('never picks the busiest of three', () => {
    const shares = busy({ a: 0, b: 1, c: 2 }).shares();
    expect(shares.c).toBe(0);
    // The idle one wins the two pairs of three that it is in.
    expect(shares.a).toBeCloseTo(2 / 3, 1);
    expect(shares.b).toBeCloseTo(1 / 3, 1);
  });

  it('spreads evenly over three that are equally busy', () => {
    for (const share of Object.values(busy({ a: 5, b: 5, c: 5 }).shares())) {
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(0.37);
    }
  });

  it('keeps three that never answer within a few of each other', () => {
    const balanced = new Balanced('abc', 7);
    for (let pick = 0; pick < 3_000; pick += 1) {
      const instance = balanced.balancer.pick();
      if (instance !== undefined) instance.inFlight += 1;
    }
    const loads = balanced.balancer.list.map(({ inFlight }) => inFlight);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThan(10);
  });

  it('picks a known instance that is not the busiest, whatever the load and the random numbers', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 2, maxLength: 9 }), random, random, (...all) => {
        const [loads, first, second] = all;
        const numbers = [first, second];
        const balancer = new Balancer(new VirtualClock(), () => numbers.shift() ?? 0);
        balancer.update(loads.map((_, at) => ({ origin: `http://host-${at}`, weight: 1 })));
        balancer.list.forEach((instance, at) => (instance.inFlight = loads[at] ?? 0));
        const picked = balancer.pick();
        const others = balancer.list.filter((instance) => instance !== picked);
        expect(others).toHaveLength(loads.length - 1);
        expect(others.some(({ inFlight }) => inFlight >= (picked?.inFlight ?? Infinity))).toBe(
          true,
        );
      }),
    );
  });
});

describe('the choice by latency', () => {
  it('prefers the faster one', () => {
    expect(answering({ a: 30, b: 10 }).shares().b).toBeCloseTo(1);
  });

  it('weighs latency against attempts in flight', () => {
    const balanced = answering({ a: 30, b: 10 });
    balanced.instance('b').inFlight = 1;
    expect(balanced.shares().b).toBeCloseTo(1);
    balanced.instance('b').inFlight = 3;
    expect(balanced.shares().a).toBeCloseTo(1);
  });

  it.each([
    [140, 100],
    [10, 0],
    [0, 0],
  ])('takes latencies for equal that are as close as %d and %d ms', (a, b) => {
    expect(answering({ a, b }).shares().a).toBeCloseTo(0.5, 1);
  });

  it.each([
    [160, 100],
    [12, 0],
  ])('takes latencies for different that are as far apart as %d and %d ms', (a, b) => {
    expect(answering({ a, b }).shares().a).toBe(0);
  });

  it('weighs attempts in flight also against no latency at all', () => {
    const balanced = answering({ a: 20, b: 0 });
    balanced.instance('b').inFlight = 20;
    expect(balanced.shares().a).toBeCloseTo(1);
  });

  it('asks one again that was slow, after a while', () => {
    const balanced = answering({ a: 1_000, b: 100 });
    const askedAgainAfterMs = (): number => {
      for (let passedMs = 0; passedMs < 60_000; passedMs += 100) {
        if (balanced.shares('', 20).a !== 0) return passedMs;
        balanced.clock.advance(100);
        balanced.answer('b', 100);
      }
      return Infinity;
    };
    // As long as a tenfold difference takes to fall to half as much again.
    expect(askedAgainAfterMs()).toBeGreaterThan(15_000);
    expect(askedAgainAfterMs()).toBeLessThan(25_000);
  });

  it('expects of one that nothing is known of what is usual among the others', () => {
    const balanced = answering({ a: 10, b: 100, c: 1_000 }, 'abcd');
    expect(balanced.shares('bc').d).toBe(0);
    expect(balanced.shares('ac').d).toBeCloseTo(0.5, 1);
    expect(balanced.shares('ab').d).toBeCloseTo(1);
    expect(balanced.status('d').latencyMs).toBeUndefined();
  });

  it('expects of it what the better one takes when two are known', () => {
    expect(answering({ a: 10, b: 1_000 }, 'abc').shares('b').c).toBeCloseTo(0.5, 1);
  });
});

describe('the choice by weight', () => {
  it.each([1, 3, 30])(
    'gives 1:3 by weight to two that have %d times their weight to do',
    (load) => {
      const balanced = busy({ a: load, b: 3 * load }, { a: 1, b: 3 });
      expect(balanced.shares().a).toBeCloseTo(0.25, 1);
      balanced.answer('ab');
      expect(balanced.shares().a).toBeCloseTo(0.25, 1);
    },
  );

  it('gives 1:3 by weight to two that are idle', () => {
    expect(busy({ a: 0, b: 0 }, { a: 1, b: 3 }).shares().a).toBeCloseTo(0.25, 1);
  });

  it('passes over the heavier one when it has more than its weight to do', () => {
    expect(busy({ a: 0, b: 2 }, { a: 1, b: 3 }).shares().b).toBeCloseTo(0.75, 1);
    expect(busy({ a: 0, b: 3 }, { a: 1, b: 3 }).shares().b).toBe(0);
  });

  it('passes over the lighter one when it has more than its weight to do', () => {
    expect(busy({ a: 1, b: 1 }, { a: 1, b: 3 }).shares().a).toBeCloseTo(0.25, 1);
    expect(busy({ a: 1, b: 0 }, { a: 1, b: 3 }).shares().a).toBe(0);
  });

  it('is by the weights that discovery says last', () => {
    const balanced = busy({ a: 0, b: 0 }, { a: 1, b: 3 });
    balanced.update({ a: 9, b: 1 });
    expect(balanced.shares().a).toBeCloseTo(0.9, 1);
    expect(balanced.status('a').weight).toBe(9);
  });
});
