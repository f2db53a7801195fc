import { describe, expect, it } from '@jest/globals';
import { everySecond, holdsFrom, slotsOf } from './timeline.ts';

describe('slots', () => {
  it('count what happened from the first moment to just before the last', () => {
    expect(slotsOf([999, 1_000, 1_249, 1_250, 1_999, 2_000], 1_000, 2_000)).toEqual([2, 1, 0, 1]);
  });

  it('are summed over every second that is there whole', () => {
    expect(everySecond([1, 2, 3, 4, 5])).toEqual([10, 14]);
    expect(everySecond([1, 2, 3])).toEqual([]);
  });
});

describe('since when something holds', () => {
  it('is at once where it always does', () => {
    expect(holdsFrom([true, true])).toBe(0);
  });

  it('is after the last time that it did not', () => {
    expect(holdsFrom([true, false, true, false, true, true])).toBe(1);
  });

  it('is never where it does not at the end, or where nothing is known', () => {
    expect(holdsFrom([true, false])).toBeUndefined();
    expect(holdsFrom([])).toBeUndefined();
  });
});
