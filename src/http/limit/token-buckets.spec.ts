import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { TokenBuckets, type Rate } from './token-buckets.ts';

function buckets(rate: Rate = { perSecond: 10, burst: 20 }) {
  const clock = new VirtualClock();
  const made = new TokenBuckets(rate, clock);
  const granted = (times: number, key = 'a'): number =>
    Array.from({ length: times }, () => made.take(key)).filter(({ isGranted }) => isGranted).length;
  return { clock, made, granted };
}

describe('a token bucket', () => {
  it('grants its burst at once, and no more', () => {
    expect(buckets().granted(100)).toBe(20);
  });

  it('fills at its rate, up to its burst', () => {
    const { clock, granted } = buckets();
    granted(100);
    clock.advance(99);
    expect(granted(100)).toBe(0);
    clock.advance(1);
    expect(granted(100)).toBe(1);
    clock.advance(1_000);
    expect(granted(100)).toBe(10);
    clock.advance(60_000);
    expect(granted(100)).toBe(20);
  });

  it('says how much is left and how long to wait', () => {
    const { clock, made, granted } = buckets({ perSecond: 2, burst: 3 });
    expect(made.take('a')).toEqual({ isGranted: true, remaining: 2, waitMs: 500 });
    expect(made.take('a')).toEqual({ isGranted: true, remaining: 1, waitMs: 1_000 });
    expect(made.take('a')).toEqual({ isGranted: true, remaining: 0, waitMs: 1_500 });
    expect(made.take('a')).toEqual({ isGranted: false, remaining: 0, waitMs: 500 });
    clock.advance(500);
    expect(granted(2)).toBe(1);
  });

  it('is one for each caller', () => {
    const { granted } = buckets();
    granted(100, 'a');
    expect(granted(100, 'b')).toBe(20);
  });

  it('is not emptied by what it refuses', () => {
    const { clock, granted } = buckets();
    granted(10_000);
    clock.advance(100);
    expect(granted(1)).toBe(1);
  });

  it('grants a burst and the rate in any stretch of time, and never more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 300 }),
        (perSecond, burst, pauses) => {
          const { clock, granted } = buckets({ perSecond, burst });
          const startedAt = clock.now();
          let sum = 0;
          for (const pause of pauses) {
            clock.advance(pause);
            sum += granted(3);
            const most = burst + ((clock.now() - startedAt) * perSecond) / 1000;
            expect(sum).toBeLessThanOrEqual(most + 0.01);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
