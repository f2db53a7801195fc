import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { ShedRate } from './shed-rate.ts';

function counted(times: number, everyMs: number) {
  const clock = new VirtualClock();
  const rate = new ShedRate(clock);
  for (let n = 0; n < times; n += 1) {
    if (n > 0) clock.advance(everyMs);
    rate.count();
  }
  return { clock, rate };
}

describe('ShedRate', () => {
  it.each([
    { times: 0, everyMs: 0, isHigh: false },
    { times: 100, everyMs: 0, isHigh: false },
    { times: 101, everyMs: 0, isHigh: true },
    { times: 101, everyMs: 49, isHigh: true },
    { times: 1_000, everyMs: 50, isHigh: false },
    { times: 1_000, everyMs: 1_000, isHigh: false },
  ])('$times sheds, one every $everyMs ms: high $isHigh', ({ times, everyMs, isHigh }) => {
    expect(counted(times, everyMs).rate.isHigh).toBe(isHigh);
  });

  it('stays high for 10 s, and comes back by itself', () => {
    const { clock, rate } = counted(101, 0);
    clock.advance(9_999);
    expect(rate.isHigh).toBe(true);
    clock.advance(1);
    expect(rate.isHigh).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('is high for 10 s more from the last shed that was one too many', () => {
    const { clock, rate } = counted(101, 0);
    clock.advance(4_000);
    rate.count();
    clock.advance(9_999);
    expect(rate.isHigh).toBe(true);
    clock.advance(1);
    expect(rate.isHigh).toBe(false);
  });

  it('does not hold what is older than 5 s against a few new ones', () => {
    const { clock, rate } = counted(101, 0);
    clock.advance(10_000);
    for (let n = 0; n < 100; n += 1) rate.count();
    expect(rate.isHigh).toBe(false);
  });
});
