import { describe, expect, it } from '@jest/globals';
import { isFlat, slopeOf, type Sample } from './slope.ts';

const line = (perUnit: number, from: number, noise = 0): Sample[] =>
  Array.from({ length: 41 }, (_, at) => ({
    at,
    value: from + perUnit * at + (at % 2 === 0 ? noise : -noise),
  }));

describe('a slope', () => {
  it('is exact for a line, and explains all of it', () => {
    const slope = slopeOf(line(2.5, 100));
    expect(slope.perUnit).toBeCloseTo(2.5);
    expect(slope.rSquared).toBeCloseTo(1);
    expect(slope.growth).toBeCloseTo(100);
    expect(slope.mean).toBeCloseTo(150);
    expect(slope.standardError).toBeCloseTo(0);
  });

  it('is nothing where nothing moves', () => {
    const slope = slopeOf(line(0, 7));
    expect(slope).toMatchObject({ perUnit: 0, rSquared: 0, growth: 0, standardError: 0 });
  });

  it('agrees with a textbook', () => {
    // x 1–5, y 2 4 5 4 5: slope 0.6, r² 0.6, standard error √(2.4 / 3 / 10)
    const slope = slopeOf([2, 4, 5, 4, 5].map((value, n) => ({ at: n + 1, value })));
    expect(slope.perUnit).toBeCloseTo(0.6);
    expect(slope.rSquared).toBeCloseTo(0.6);
    expect(slope.standardError).toBeCloseTo(Math.sqrt(0.08));
  });

  it('takes three samples at different times', () => {
    expect(() => slopeOf(line(1, 0).slice(0, 2))).toThrow(RangeError);
    expect(() => slopeOf([1, 1, 1].map((at) => ({ at, value: at })))).toThrow(RangeError);
  });
});

describe('what is flat', () => {
  it('is what rises by less than a share of its mean', () => {
    expect(isFlat(slopeOf(line(0.1, 100)), 0.05, 0)).toBe(true);
    expect(isFlat(slopeOf(line(0.2, 100)), 0.05, 0)).toBe(false);
  });

  it('is what falls', () => {
    expect(isFlat(slopeOf(line(-1, 100)), 0.05, 0)).toBe(true);
  });

  it('is a small thing that rises by less than the least that counts', () => {
    expect(isFlat(slopeOf(line(0.1, 3)), 0.05, 5)).toBe(true);
    expect(isFlat(slopeOf(line(0.2, 3)), 0.05, 5)).toBe(false);
  });

  it('is what only seems to rise: the noise is greater', () => {
    expect(isFlat(slopeOf(line(0.2, 100, 20)), 0.05, 0)).toBe(true);
  });
});
