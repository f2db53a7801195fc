import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { LoopLag } from './loop-lag.ts';

function startedLoopLag(lateMs?: number) {
  const clock = new VirtualClock();
  const loopLag = new LoopLag(clock, lateMs);
  loopLag.start();
  return { clock, loopLag };
}

describe('LoopLag', () => {
  it('finds a loop in time that comes by when it should', () => {
    const { clock, loopLag } = startedLoopLag();
    const since = clock.now();
    clock.advance(10_000);
    expect(loopLag.wasLateSince(since)).toBe(false);
  });

  it('sees a block that is still going on, before its own timer has run', () => {
    const { clock, loopLag } = startedLoopLag();
    const since = clock.now();
    clock.stall(151);
    expect(loopLag.wasLateSince(since)).toBe(true);
  });

  it('remembers a block that is over', () => {
    const { clock, loopLag } = startedLoopLag();
    const since = clock.now();
    clock.stall(200);
    clock.advance(1_000);
    expect(loopLag.wasLateSince(since)).toBe(true);
  });

  it('does not hold a block of before against what began after it', () => {
    const { clock, loopLag } = startedLoopLag();
    clock.stall(200);
    clock.advance(100);
    expect(loopLag.wasLateSince(clock.now())).toBe(false);
    expect(loopLag.wasLateSince(clock.now() - 150)).toBe(true);
  });

  it.each([
    { blockedMs: 150, late: false },
    { blockedMs: 151, late: true },
  ])('a beat of 50 ms that comes $blockedMs ms after the last: late $late', (beat) => {
    const { clock, loopLag } = startedLoopLag();
    const since = clock.now();
    clock.stall(beat.blockedMs);
    clock.advance(0);
    expect(loopLag.wasLateSince(since)).toBe(beat.late);
  });

  it('takes another bound for late', () => {
    const { clock, loopLag } = startedLoopLag(10);
    const since = clock.now();
    clock.stall(61);
    expect(loopLag.wasLateSince(since)).toBe(true);
  });

  it('says nothing against a loop it does not watch', () => {
    const clock = new VirtualClock();
    const loopLag = new LoopLag(clock);
    const since = clock.now();
    clock.stall(10_000);
    expect(loopLag.wasLateSince(since)).toBe(false);
    loopLag.start();
    expect(loopLag.wasLateSince(since)).toBe(false);
  });

  it('leaves no timer when it is stopped', () => {
    const { clock, loopLag } = startedLoopLag();
    clock.advance(500);
    expect(clock.pending).toBe(1);
    loopLag.stop();
    loopLag.stop();
    expect(clock.pending).toBe(0);
  });
});
