import { describe, expect, it } from '@jest/globals';
import { fixed, fixedSpread, markdownTable, ofKnown, quantile, spread } from './statistics.ts';

describe('the figures of a report', () => {
  it('finds a quantile between its neighbours, whatever the order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 0], 0.99)).toBeCloseTo(9.9);
    expect(quantile([7], 0.25)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('says how far the middle half lies apart', () => {
    expect(spread([1, 2, 3, 4, 5])).toEqual({ low: 2, median: 3, high: 4 });
  });

  it('leaves out what is not known, and says nothing when nothing is', () => {
    const sum = (known: readonly number[]): number => known.reduce((total, one) => total + one, 0);
    expect(ofKnown([1, undefined, 2], sum)).toBe(3);
    expect(ofKnown([undefined], sum)).toBeUndefined();
  });

  it('shows a dash for what is not known', () => {
    expect([fixed(undefined), fixed(NaN), fixed(1.256, 2)]).toEqual(['–', '–', '1.26']);
    expect(fixedSpread(undefined, 2)).toBe('–');
    expect(fixedSpread({ low: 0.9, median: 1, high: 1.1 }, 1)).toBe('1.0 (0.9–1.1)');
  });

  it('writes a table with figures to the right', () => {
    expect(markdownTable(['who', 'n'], [['a', '1']])).toBe('| who | n |\n|---|--:|\n| a | 1 |');
  });
});
