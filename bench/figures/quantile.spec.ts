import { describe, expect, it } from '@jest/globals';
import { quantile } from './quantile.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => count - n);

describe('a quantile', () => {
  it('is a value that was there: the nearest rank', () => {
    expect(quantile(upTo(100), 0.5)).toBe(50);
    expect(quantile(upTo(100), 0.99)).toBe(99);
    expect(quantile(upTo(1000), 0.99)).toBe(990);
  });

  it('is the greatest for 1 and the least for 0', () => {
    expect(quantile([3, 1, 2], 1)).toBe(3);
    expect(quantile([3, 1, 2], 0)).toBe(1);
  });

  it('sorts numbers as numbers and leaves the list as it was', () => {
    const values = [10, 9, 100];
    expect(quantile(values, 0.5)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it('of nothing is not a number', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});
