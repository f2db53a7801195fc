import { describe, expect, it } from '@jest/globals';
import { Timings } from './cells.ts';
import { BUCKETS_SECONDS } from './metric-table.ts';

describe('timings', () => {
  it.each([
    [0, 0],
    [5, 0],
    [5.001, 1],
    [10, 1],
    [1_440, 10],
    [1_500, 10],
    [1_500.1, 11],
    [5_000, 12],
    [5_001, 13],
    [1e9, 13],
  ])('of %d ms fall into bucket %i, a bound belonging to what it bounds', (ms, bucket) => {
    const timings = new Timings();
    timings.record(ms);
    expect(timings.counts.indexOf(1)).toBe(bucket);
    expect(timings.counts).toHaveLength(BUCKETS_SECONDS.length + 1);
    expect([timings.count, timings.sumSeconds]).toEqual([1, ms / 1_000]);
  });

  it('below 0 count as 0, so that the sum only ever grows', () => {
    const timings = new Timings();
    timings.record(-20);
    expect([timings.counts[0], timings.count, timings.sumSeconds]).toEqual([1, 1, 0]);
  });

  it('are each their own', () => {
    const [one, other] = [new Timings(), new Timings()];
    one.record(1);
    expect(other.counts.every((count) => count === 0)).toBe(true);
  });
});
