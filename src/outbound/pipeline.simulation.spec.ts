import { afterEach, describe, expect, it } from '@jest/globals';
import {
  answers,
  carries,
  everyNth,
  fails,
  hangs,
  sometimes,
  SourceSimulation,
  until,
  type Script,
  type Sent,
  type SimulationOptions,
} from '../../test/support/source-simulation.ts';

/** Whole sources under load, in virtual time: what retries, hedges, limits and the breaker do together. */

const SEEDS = [1, 2, 3];

/** Two instances that do the same. */
const both = (script: Script) => ({ a: script, b: script });

let simulation: SourceSimulation;
function simulate(
  seed: number,
  options: Omit<SimulationOptions, 'seed' | 'perSecond'>,
  perSecond = 200,
) {
  simulation = new SourceSimulation({ seed, perSecond, ...options });
  return simulation;
}

afterEach(() => {
  const { source, clock } = simulation;
  expect(source.bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
  expect(source.balancer.list.every(({ inFlight }) => inFlight === 0)).toBe(true);
  expect(clock.pending).toBe(0);
  void source.runtime.close();
});

/** What happened from each of these times to the next, with everything at its end. */
function stretches(...lengthsMs: number[]) {
  const windows = lengthsMs.map((ms) => simulation.run(ms));
  simulation.drain();
  return windows.map((window) => simulation.tally(window));
}

/** The largest share of these that was sent within the same ms. */
function largestWave(sent: readonly Sent[]): number {
  const perMs = new Map<number, number>();
  for (const { at } of sent) perMs.set(Math.floor(at), (perMs.get(Math.floor(at)) ?? 0) + 1);
  return Math.max(...perMs.values()) / sent.length;
}

describe.each(SEEDS)('retries under load (seed %d)', (seed) => {
  it('mend as much of 30 % failures as a tenth more load can, and cost no more than that', () => {
    const instances = both(sometimes(0.3, fails(5), answers(20)));
    simulate(seed, { instances });
    const [, later] = stretches(1_000, 9_000);
    expect(later?.attemptsPerCall).toBeLessThan(1.11);
    expect(later?.attemptsPerCall).toBeGreaterThan(1.09);
    // Of a tenth more attempts seven in ten are good.
    expect(later?.goodShare).toBeGreaterThan(0.7 + 0.07 - 0.02);
    simulate(seed, { instances, knobs: { RETRIES: '0' } });
    const [, without] = stretches(1_000, 9_000);
    expect((later?.goodShare ?? 0) - (without?.goodShare ?? 1)).toBeGreaterThan(0.04);
  });

  it('are a tenth of the load when everything fails, also if no breaker opens', () => {
    simulate(seed, { instances: both(fails(5)), knobs: { BREAKER_MIN_CALLS: '100000' } });
    const [early, later] = stretches(5_000, 5_000);
    expect(early?.attemptsPerCall).toBeLessThan(1.12);
    expect(later?.attemptsPerCall).toBeLessThan(1.102);
  });

  it('end with the breaker open when everything fails, and it tries the source one by one', () => {
    simulate(seed, { instances: both(fails(5)) });
    const [early, later] = stretches(1_000, 20_000);
    expect(early?.sent.length).toBeLessThan(40);
    expect(later?.sent.length).toBeLessThan(10);
    expect(simulation.mostAtOnce).toBeLessThan(10);
    expect(simulation.source.breaker.state).not.toBe('closed');
  });

  it.each([undefined, 400])(
    'of calls that failed at the same moment do not come back together (asked to wait: %s ms)',
    (retryAfterMs) => {
      const fine = answers(20);
      const instances = both(until(6_000, fine, until(6_001, fails(5, retryAfterMs), fine)));
      simulate(seed, { instances });
      simulation.run(6_000);
      simulation.burst(80);
      const [after] = stretches(1_000);
      const retries = after?.sent.filter(({ attempt }) => attempt === 2) ?? [];
      expect(retries.length).toBeGreaterThanOrEqual(80);
      expect(largestWave(retries)).toBeLessThan(0.15);
      expect(after?.goodShare).toBe(1);
    },
  );
});

describe.each(SEEDS)('hedging under load (seed %d)', (seed) => {
  const slow = answers(800);
  const fast = answers(20);

  it.each<[string, () => Script]>([
    ['one answer in twenty is slow', () => everyNth(20, slow, fast)],
    ['one answer in twenty-five is slow, at random', () => sometimes(0.04, slow, fast)],
  ])('halves the p99 when %s, for at most a twentieth more attempts', (_what, script) => {
    simulate(seed, { instances: both(script()) });
    const [, plain] = stretches(4_000, 6_000);
    simulate(seed, { instances: both(script()), knobs: { HEDGE: 'on', RETRIES: '0' } });
    const [, hedged] = stretches(4_000, 6_000);
    expect(plain?.waitMs(99)).toBeGreaterThan(640);
    expect(hedged?.waitMs(99)).toBeLessThan(0.5 * (plain?.waitMs(99) ?? 0));
    expect(hedged?.goodShare).toBe(1);
    expect(simulation.tally([0, 10_000]).attemptsPerCall).toBeLessThanOrEqual(1.05);
  });

  it('stops when everything becomes slow at once: the load is not doubled', () => {
    simulate(seed, {
      instances: both(until(6_000, fast, slow)),
      knobs: { HEDGE: 'on', RETRIES: '0' },
    });
    const [, turn, later] = stretches(6_000, 1_000, 3_000);
    // The hedges that were saved up, and then one in twenty at most.
    expect(turn?.attemptsPerCall).toBeLessThan(1.15);
    expect(later?.attemptsPerCall).toBeLessThanOrEqual(1.06);
    expect(later?.goodShare).toBe(1);
  });

  it('is off while permits are short, and the source never sees more than there are', () => {
    const instances = both(everyNth(20, slow, fast));
    simulate(seed, { instances, knobs: { HEDGE: 'on', RETRIES: '0', MAX_CONCURRENT: '10' } }, 500);
    const [, short] = stretches(1_000, 3_000);
    expect(short?.sent.filter(({ attempt }) => attempt === 2).length).toBeLessThan(5);
    expect(simulation.mostAtOnce).toBe(10);
  });
});

describe.each(SEEDS)('a source in trouble (seed %d)', (seed) => {
  it('of which one of two instances hangs stays good after the first moments', () => {
    simulate(seed, { instances: { a: until(5_000, answers(20), hangs), b: answers(20) } });
    const [before, moment, later] = stretches(5_000, 2_000, 7_000);
    expect(before?.goodShare).toBe(1);
    expect(moment?.goodShare).toBeGreaterThan(0.95);
    expect(later?.goodShare).toBeGreaterThan(0.97);
    expect(simulation.source.breaker.state).toBe('closed');
  });

  it('that becomes healthy again closes the breaker within the longest it was open', () => {
    simulate(seed, { instances: both(until(4_000, fails(5), answers(20))) });
    const [sick, , well] = stretches(4_000, 6_000, 2_000);
    expect(sick?.goodShare).toBe(0);
    expect(well?.goodShare).toBe(1);
    expect(simulation.source.changes.at(-1)).toBe('thing: half_open -> closed');
  });
});

describe.each(SEEDS)('a healthy source that takes 950 ms, with two instances (seed %d)', (seed) => {
  it.each([200, 20])('is learnt from the start, at %d calls a second', (perSecond) => {
    simulate(seed, { instances: both(answers(950)) }, perSecond);
    const [early, later] = stretches(2_500, 1_500);
    // The first five pay for it.
    expect(early?.goodShare).toBeGreaterThan(0.85);
    expect(later?.goodShare).toBe(1);
    expect(simulation.source.changes).toEqual([]);
  });

  it.each([200, 20])('is learnt when it took 20 ms before, at %d calls a second', (perSecond) => {
    simulate(seed, { instances: both(until(8_000, answers(20), answers(950))) }, perSecond);
    const [, turn, later] = stretches(8_000, 3_000, 1_500);
    expect(turn?.goodShare).toBeGreaterThan(0.85);
    expect(later?.goodShare).toBeGreaterThan(0.95);
    expect(simulation.source.changes).toEqual([]);
  });

  it('is learnt although so few ask that the breaker opens first', () => {
    simulate(seed, { instances: both(until(40_000, answers(20), answers(950))) }, 2);
    const [, , later] = stretches(40_000, 30_000, 20_000);
    expect(later?.goodShare).toBeGreaterThan(0.95);
    expect(simulation.source.breaker.state).toBe('closed');
  });
});

describe('a source that carries so much and no more, and works on what has been given up, too', () => {
  const SERVICE_MS = 100;
  const STRETCH_MS = 10_000;

  /** Good answers a second, at these multiples of what it carries, one after the other. */
  function goodput(workers: number, loads: readonly number[], knobs: Record<string, string>) {
    const carried = workers * (1_000 / SERVICE_MS);
    simulation = new SourceSimulation({
      seed: 1,
      perSecond: (now) => carried * (loads[Math.floor(now / STRETCH_MS)] ?? 0.5),
      instances: { a: carries(workers, SERVICE_MS) },
      knobs: { MAX_CONCURRENT: '1000', ...knobs },
    });
    const tallies = stretches(...loads.map(() => STRETCH_MS));
    return tallies.map(({ calls, goodShare }) => (calls * goodShare) / 10 / carried);
  }

  it.each([3, 15, 50])(
    'keeps its goodput at ten times the load, and after it (%d workers)',
    (workers) => {
      const [at1 = 0, at3, at10, after] = goodput(workers, [1, 3, 10, 0.5], { ADAPTIVE: 'on' });
      expect(at1).toBeGreaterThan(0.85);
      expect(at3).toBeGreaterThan(0.8 * Math.max(1, at1));
      expect(at10).toBeGreaterThan(0.8 * Math.max(1, at1));
      expect(after).toBeGreaterThan(0.9 * 0.5);
    },
  );

  it('does as well with a cap that fits it', () => {
    const [, at3, at10, after] = goodput(15, [1, 3, 10, 0.5], { MAX_CONCURRENT: '50' });
    expect(at3).toBeGreaterThan(0.8);
    expect(at10).toBeGreaterThan(0.8);
    expect(after).toBeGreaterThan(0.9 * 0.5);
  });

  // What the two above are measured against; a cap of many times what the source carries is no protection.
  it('is brought down by a line of its own, where neither is there', () => {
    const [, , at10] = goodput(15, [1, 3, 10, 0.5], {});
    expect(at10).toBeLessThan(0.5);
  });
});
