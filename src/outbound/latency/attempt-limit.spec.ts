import { describe, expect, it } from '@jest/globals';
import { attemptLimitOf, type LimitSurroundings } from '../../../test/support/attempt-limit.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { RecentLatency } from './recent-latency.ts';

/** From the start of an attempt to the usual deadline. */
const WHOLE_MS = 1_440;

/** @param recordedMs how long earlier attempts took */
function limited(recordedMs: readonly number[] = [], surroundings: LimitSurroundings = {}) {
  const latency = new RecentLatency(new VirtualClock());
  for (const ms of recordedMs) latency.record(ms);
  const limit = attemptLimitOf(latency, surroundings);
  const limitMs = (wholeMs = WHOLE_MS, isLast = false): number =>
    limit.limitMs({ isLast }, wholeMs);
  return { latency, limitMs };
}

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

describe('AttemptLimit, fixed', () => {
  it.each<[string, LimitSurroundings]>([
    ['with several instances', {}],
    ['with one instance', { instances: 1 }],
    ['with nothing in the budget', { affords: false }],
    ['while the breaker is half open', { breaker: 'half_open' }],
  ])('is what was configured %s, also for the last attempt', (_when, surroundings) => {
    const { limitMs } = limited(times(200, 900), { ...surroundings, fixedMs: 300 });
    expect([limitMs(), limitMs(100), limitMs(WHOLE_MS, true)]).toEqual([300, 300, 300]);
  });
});

describe('AttemptLimit, for a source it does not know', () => {
  it('is 700 ms where there is another instance', () => {
    expect(limited().limitMs()).toBe(700);
    expect(limited(times(99, 20)).limitMs()).toBe(700);
  });

  it('is all that is left where there is none', () => {
    expect(limited([], { instances: 1 }).limitMs()).toBe(Infinity);
    expect(limited(times(99, 20), { instances: 1 }).limitMs()).toBe(Infinity);
  });

  it('is three times of what it usually takes, when five of five took long', () => {
    expect(limited(times(4, 700)).limitMs(10_000)).toBe(700);
    const { limitMs } = limited(times(5, 700));
    expect(limitMs(10_000)).toBeGreaterThan(3 * 700 * 0.9);
    expect(limitMs(10_000)).toBeLessThanOrEqual(3 * 700);
    // Which no attempt has time for, so that the next one is heard.
    expect(limitMs()).toBe(Infinity);
  });

  it('stays where it is when one attempt of two hangs', () => {
    expect(limited([...times(20, 20), ...times(20, 700)]).limitMs()).toBe(700);
  });
});

describe('AttemptLimit, for a source it knows', () => {
  it.each([1, 2])('is three times its p99, with %d instances', (instances) => {
    const { limitMs } = limited([...times(97, 20), 200, 200, 200], { instances });
    expect(limitMs()).toBeGreaterThan(3 * 200 * 0.9);
    expect(limitMs()).toBeLessThanOrEqual(3 * 200);
  });

  it('does not mind one slow answer in a hundred and one', () => {
    expect(limited([...times(100, 100), 1_400]).limitMs()).toBeLessThanOrEqual(300);
  });

  it('is never below 250 ms', () => {
    expect(limited(times(100, 2)).limitMs()).toBe(250);
    expect(limited(times(100, 0)).limitMs()).toBe(250);
  });

  it('forgets what it knew when nothing was heard for 30 s', () => {
    const clock = new VirtualClock();
    const latency = new RecentLatency(clock);
    for (const ms of times(100, 20)) latency.record(ms);
    const limit = attemptLimitOf(latency);
    expect(limit.limitMs({ isLast: false }, WHOLE_MS)).toBe(250);
    clock.advance(30_000);
    expect(limit.limitMs({ isLast: false }, WHOLE_MS)).toBe(700);
  });
});

describe('AttemptLimit, when nothing can follow the attempt', () => {
  it.each<[string, LimitSurroundings]>([
    ['nothing is in the budget', { affords: false }],
    ['the breaker is half open: a failed probe opens it', { breaker: 'half_open' }],
    ['the breaker is open', { breaker: 'open' }],
  ])('is all that is left: %s', (_why, surroundings) => {
    expect(limited([], surroundings).limitMs()).toBe(Infinity);
    expect(limited(times(100, 20), surroundings).limitMs()).toBe(Infinity);
  });

  it('is all that is left for the last one', () => {
    expect(limited().limitMs(WHOLE_MS, true)).toBe(Infinity);
    expect(limited(times(100, 20)).limitMs(WHOLE_MS, true)).toBe(Infinity);
  });

  it.each([
    { usualMs: 2, neededMs: 11 },
    { usualMs: 150, neededMs: 150 },
  ])(
    'is all that is left when the longest pause and $neededMs ms would not fit after it (usually $usualMs ms)',
    ({ usualMs, neededMs }) => {
      const { limitMs } = limited(times(50, usualMs));
      // The p50 is known to a tenth, from below.
      expect(limitMs(700 + 25 + neededMs)).toBe(700);
      expect(limitMs(700 + 25 + neededMs * 0.9 - 1)).toBe(Infinity);
    },
  );

  it('is all that is left of a deadline that is nearer', () => {
    expect(limited().limitMs(500)).toBe(Infinity);
    expect(limited(times(100, 20)).limitMs(240)).toBe(Infinity);
  });
});
