import { describe, expect, it } from '@jest/globals';
import {
  answers,
  fails,
  first,
  hangs,
  Simulation,
  type Script,
  type SimulationOptions,
} from '../../test/support/simulation.ts';

/** How shares of traffic move in time: callers at a fixed rate, instances by script, five seeds each. */

const SEEDS = [1, 2, 3, 4, 5];
const healthy = answers(10);

const simulate = (seed: number, a: Script, options: Partial<SimulationOptions> = {}): Simulation =>
  new Simulation({
    seed,
    perSecond: 200,
    instances: { a, b: healthy, c: healthy },
    ...options,
  });

/** Nothing is left behind once nobody asks any more. */
function expectClean(simulation: Simulation): void {
  simulation.drain();
  expect(simulation.unserved).toBe(0);
  for (const { inFlight } of simulation.balancer.list) expect(inFlight).toBe(0);
}

const ejectedOf = ({ balancer }: Simulation): number => balancer.counts.ejected;

describe.each(SEEDS)('200 attempts a second at three instances (seed %d)', (seed) => {
  it('are spread evenly when all are well', () => {
    const simulation = simulate(seed, healthy);
    for (const share of Object.values(simulation.shares(10_000)))
      expect(share).toBeCloseTo(1 / 3, 1);
    expectClean(simulation);
  });

  it('leave one that is ten times slower within 2 s, and come back when it is well', () => {
    const simulation = simulate(seed, first(10_000, answers(100), healthy));
    expect(simulation.shares(2_000).a).toBeLessThan(0.05);
    expect(simulation.shares(8_000).a).toBeLessThan(0.05);
    simulation.run(30_000);
    expect(simulation.shares(10_000).a).toBeGreaterThan(0.25);
    expectClean(simulation);
  });

  it('leave one that fails in a millisecond, at once and for good', () => {
    const simulation = simulate(seed, fails(1));
    expect(simulation.shares(1_000).a).toBeLessThan(0.05);
    expect(ejectedOf(simulation)).toBe(1);
    expect(simulation.shares(30_000).a).toBeLessThan(0.02);
    expectClean(simulation);
  });

  it('leave one that fails every third time in a millisecond', () => {
    const flaky: Script = (now, random) => (random() < 1 / 3 ? fails(1) : healthy)(now, random);
    const simulation = simulate(seed, flaky);
    expect(simulation.shares(5_000).a).toBeLessThan(0.1);
    expect(simulation.shares(30_000).a).toBeLessThan(0.05);
    expectClean(simulation);
  });

  it('stay where one fails now and then', () => {
    const rarely: Script = (now, random) => (random() < 0.002 ? fails(1) : healthy)(now, random);
    expect(simulate(seed, rarely).shares(20_000).a).toBeGreaterThan(0.28);
  });

  it('leave one that hangs, although its callers give up before it fails', () => {
    const simulation = simulate(seed, first(10_000, hangs, healthy), { giveUpAfterMs: 250 });
    expect(simulation.shares(2_000).a).toBeLessThan(0.05);
    expect(simulation.shares(8_000).a).toBeLessThan(0.02);
    expect(ejectedOf(simulation)).toBe(0);
    simulation.run(50_000);
    expect(simulation.shares(10_000).a).toBeGreaterThan(0.25);
    expectClean(simulation);
  });

  it('go to the one that is well when two are not', () => {
    const instances = { a: fails(1), b: hangs, c: healthy };
    const simulation = simulate(seed, healthy, { instances, giveUpAfterMs: 250 });
    expect(simulation.shares(2_000).c).toBeGreaterThan(0.9);
    expect(simulation.shares(30_000).c).toBeGreaterThan(0.95);
    expectClean(simulation);
  });

  it('go to the one that is well when two fail at once, of which one may be ejected', () => {
    const instances = { a: fails(1), b: fails(1), c: healthy };
    const simulation = simulate(seed, healthy, { instances });
    expect(simulation.shares(2_000).c).toBeGreaterThan(0.9);
    expect(ejectedOf(simulation)).toBe(1);
    expect(simulation.shares(30_000).c).toBeGreaterThan(0.95);
    expectClean(simulation);
  });

  it('always go somewhere when all fail, and everywhere again when all are well', () => {
    const failing = first(20_000, fails(1), healthy);
    const simulation = simulate(seed, failing, {
      instances: { a: failing, b: failing, c: failing },
    });
    for (let second = 0; second < 20; second += 1) {
      simulation.run(1_000);
      expect(ejectedOf(simulation)).toBeLessThanOrEqual(1);
    }
    simulation.run(45_000);
    for (const share of Object.values(simulation.shares(10_000)))
      expect(share).toBeCloseTo(1 / 3, 1);
    expectClean(simulation);
  });

  it('come back slowly to one that was ejected, and then in full', () => {
    const simulation = simulate(seed, first(1_000, fails(1), healthy));
    expect(simulation.run(2_000).a).toBe(5);
    // Its 5 s began within the first one.
    expect(simulation.run(3_000).a).toBe(0);
    const returning = [0, 1, 2, 3, 4].map(() => simulation.shares(2_000).a ?? 0);
    expect(returning[0]).toBeLessThan(0.12);
    expect(returning[1]).toBeGreaterThan(0);
    expect(returning[2]).toBeLessThan(0.3);
    expect(simulation.shares(10_000).a).toBeCloseTo(1 / 3, 1);
    expectClean(simulation);
  });

  it('are fair to the others while one comes and goes each second', () => {
    const simulation = simulate(seed, healthy);
    const flapping = simulation.balancer.list[0];
    let sent = { a: 0, b: 0, c: 0 };
    for (let second = 0; second < 40; second += 1) {
      simulation.update(second % 2 === 0 ? { b: 1, c: 1 } : { a: 1, b: 1, c: 1 });
      const { a = 0, b = 0, c = 0 } = simulation.run(1_000);
      if (second % 2 === 0) expect(a).toBe(0);
      sent = { a: sent.a + a, b: sent.b + b, c: sent.c + c };
    }
    expect(simulation.balancer.list[0]).toBe(flapping);
    // A third of every other second.
    const total = sent.a + sent.b + sent.c;
    expect(sent.a / total).toBeCloseTo(1 / 6, 1);
    expect(Math.abs(sent.b / sent.c - 1)).toBeLessThan(0.15);
    expectClean(simulation);
  });
});

describe.each(SEEDS)('weights of 1, 3 and 2 (seed %d)', (seed) => {
  it.each([20, 200, 1_000])('share %d attempts a second in that proportion', (perSecond) => {
    const instances = { a: answers(30), b: answers(30), c: answers(30) };
    const simulation = simulate(seed, healthy, { perSecond, instances });
    simulation.update({ a: 1, b: 3, c: 2 });
    const { a, b, c } = simulation.shares(perSecond === 20 ? 60_000 : 3_000);
    expect(a).toBeCloseTo(1 / 6, 1);
    expect(b).toBeCloseTo(3 / 6, 1);
    expect(c).toBeCloseTo(2 / 6, 1);
  });
});

describe.each(SEEDS)('six instances of which two are ejected when three go (seed %d)', (seed) => {
  it('use all three that are left, as fewer than half of them are available', () => {
    const bad = first(2_000, fails(1), healthy);
    const instances = { a: bad, b: bad, c: healthy, d: healthy, e: healthy, f: healthy };
    const simulation = simulate(seed, healthy, { instances });
    simulation.run(2_000);
    expect(ejectedOf(simulation)).toBe(2);
    expect(simulation.run(1_000)).toMatchObject({ a: 0, b: 0 });
    simulation.update({ a: 1, b: 1, c: 1 });
    const { a, b } = simulation.shares(1_500);
    expect(ejectedOf(simulation)).toBe(2);
    expect(Math.min(a ?? 0, b ?? 0)).toBeGreaterThan(0.1);
    expectClean(simulation);
  });
});
