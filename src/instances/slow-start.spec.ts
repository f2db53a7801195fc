import { describe, expect, it } from '@jest/globals';
import { shareAfter } from './slow-start.ts';

describe('shareAfter', () => {
  it.each([
    [0, 0.1],
    [5_000, 0.55],
    [9_999, 0.99991],
    [10_000, 1],
    [Infinity, 1],
  ])('is, %d ms after the start, %d of the full share', (sinceStartMs, share) => {
    expect(shareAfter(sinceStartMs)).toBeCloseTo(share, 5);
  });
});
