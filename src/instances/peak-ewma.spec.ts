import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PeakEwma } from './peak-ewma.ts';

const TAU_MS = 10_000;

/** Each sample came twice in a row. */
function ewmaOf(...samples: readonly [sampleMs: number, now: number][]): PeakEwma {
  const ewma = new PeakEwma();
  for (const [sampleMs, now] of samples)
    for (let time = 0; time < 2; time += 1) ewma.record(sampleMs, now);
  return ewma;
}

describe('PeakEwma', () => {
  it('knows nothing before the first sample', () => {
    expect(ewmaOf().currentMs(5)).toBeUndefined();
    expect(ewmaOf().latestMs).toBeUndefined();
  });

  it('shows the first sample, and believes it when there is a second one', () => {
    const ewma = ewmaOf();
    ewma.record(80, 5);
    expect(ewma.latestMs).toBe(80);
    expect(ewma.currentMs(5)).toBeUndefined();
    ewma.record(12, 5);
    expect(ewma.currentMs(5)).toBe(12);
    expect(ewma.latestMs).toBe(12);
  });

  it('does not believe a slow sample that comes alone', () => {
    const ewma = ewmaOf([10, 0]);
    for (const sampleMs of [300, 10, 300, 10]) ewma.record(sampleMs, 1);
    expect(ewma.currentMs(1)).toBeCloseTo(10);
  });

  it('jumps to what two slow samples in a row have in common', () => {
    const ewma = ewmaOf([10, 0]);
    ewma.record(500, 1);
    ewma.record(300, 1);
    expect(ewma.currentMs(1)).toBe(300);
  });

  it('is pulled down by faster samples over about 10 s, however many there are', () => {
    const few = ewmaOf([100, 0], [10, TAU_MS]);
    const many = ewmaOf([100, 0]);
    many.record(10, 0);
    for (let now = 100; now <= TAU_MS; now += 100) many.record(10, now);
    const expected = 10 + 90 / Math.E;
    expect(few.currentMs(TAU_MS)).toBeCloseTo(expected);
    expect(many.currentMs(TAU_MS)).toBeCloseTo(expected);
  });

  it('falls without samples too, while the latest news stay readable', () => {
    const ewma = ewmaOf([100, 0]);
    expect(ewma.currentMs(TAU_MS)).toBeCloseTo(100 / Math.E);
    expect(ewma.currentMs(10 * TAU_MS)).toBeLessThan(0.01);
    expect(ewma.latestMs).toBe(100);
  });

  it('is raised by what took at least so long twice, and never lowered by it', () => {
    const ewma = ewmaOf([100, 0]);
    ewma.raise(50, 0);
    ewma.raise(50, 0);
    ewma.raise(250, 0);
    expect(ewma.currentMs(0)).toBe(100);
    ewma.raise(50, 0);
    ewma.raise(300, 0);
    expect(ewma.currentMs(0)).toBe(250);
  });

  it('learns from what took at least so long only if that is more than usual', () => {
    const ewma = ewmaOf();
    const raise = (leastMs: number, usualMs?: number): number | undefined => {
      ewma.raise(leastMs, 0, usualMs);
      ewma.raise(leastMs, 0, usualMs);
      return ewma.currentMs(0);
    };
    expect(raise(250)).toBeUndefined();
    expect(raise(9, 10)).toBeUndefined();
    expect(ewma.latestMs).toBeUndefined();
    expect(raise(250, 10)).toBe(250);
  });

  it('forgets', () => {
    const ewma = ewmaOf([100, 0]);
    ewma.forget();
    expect(ewma.latestMs).toBeUndefined();
  });

  it('stays between 0 and the slowest sample, whatever comes', () => {
    const step = fc.record({
      sampleMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
      afterMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
      isCensored: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        const ewma = new PeakEwma();
        let now = 0;
        let slowestMs = 0;
        for (const { sampleMs, afterMs, isCensored } of steps) {
          now += afterMs;
          slowestMs = Math.max(slowestMs, sampleMs);
          if (isCensored) ewma.raise(sampleMs, now, 0);
          else ewma.record(sampleMs, now);
          const currentMs = ewma.currentMs(now) ?? 0;
          expect(currentMs).toBeGreaterThanOrEqual(0);
          // But for rounding.
          expect(currentMs).toBeLessThanOrEqual(slowestMs * (1 + 1e-9));
        }
      }),
    );
  });
});
