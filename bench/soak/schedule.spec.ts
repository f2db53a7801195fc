import { describe, expect, it } from '@jest/globals';
import { scheduleOf } from './schedule.ts';

const MINUTE = 60_000;

describe('the faults of a soak', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(scheduleOf(1, MINUTE)).toEqual(scheduleOf(1, MINUTE));
    expect(scheduleOf(1, MINUTE)).not.toEqual(scheduleOf(2, MINUTE));
  });

  it('of one source come one after the other and are over in the end', () => {
    for (const [, own] of Map.groupBy(scheduleOf(3, 10 * MINUTE), ({ source }) => source)) {
      expect(own.length).toBeGreaterThan(50);
      let last = 0;
      for (const { from, to } of own) {
        expect(from).toBeGreaterThan(last);
        expect(to).toBeGreaterThan(from);
        last = to;
      }
      expect(last).toBeLessThanOrEqual(10 * MINUTE);
    }
  });

  it('hit every source, any number of its instances, in every way', () => {
    const faults = scheduleOf(4, 10 * MINUTE);
    const kinds = new Set(faults.map(({ behaviour }) => JSON.stringify(behaviour)));
    expect(new Set(faults.map(({ source }) => source)).size).toBe(3);
    expect(new Set(faults.map(({ instances }) => instances))).toEqual(new Set([1, 2, 3]));
    expect(kinds.size).toBe(6);
  });

  it('are none where there is no time for one', () => {
    expect(scheduleOf(1, 100)).toEqual([]);
  });
});
