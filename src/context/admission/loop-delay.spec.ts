import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { LoopDelay } from './loop-delay.ts';

function started() {
  const clock = new VirtualClock();
  const delay = new LoopDelay(clock);
  delay.start();
  return { clock, delay };
}

/** Turns of the loop that take so long each, for so long. */
function busy(clock: VirtualClock, turnMs: number, forMs: number): void {
  for (let passedMs = 0; passedMs < forMs; passedMs += turnMs) {
    clock.stall(turnMs);
    clock.advance(0);
  }
}

describe('LoopDelay', () => {
  it('is 0 for a loop in time', () => {
    const { clock, delay } = started();
    clock.advance(10_000);
    expect(delay.currentMs(clock.now())).toBe(0);
    clock.advance(13);
    expect(delay.currentMs(clock.now())).toBe(0);
  });

  it('is what each turn takes too long once all of the last second was late', () => {
    const { clock, delay } = started();
    clock.advance(5_000);
    busy(clock, 270, 1_100);
    expect(delay.currentMs(clock.now())).toBeCloseTo(250, 6);
  });

  it.each([
    { pauseMs: 250, exceeds200: false },
    { pauseMs: 450, exceeds200: false },
    { pauseMs: 470, exceeds200: true },
    { pauseMs: 3_000, exceeds200: true },
  ])('a pause of $pauseMs ms alone exceeds 200 ms: $exceeds200', ({ pauseMs, exceeds200 }) => {
    const { clock, delay } = started();
    clock.advance(5_000);
    clock.stall(pauseMs);
    // Seen from inside the late turn, before any timer has run, and after it.
    expect(delay.currentMs(clock.now()) > 200).toBe(exceeds200);
    clock.advance(0);
    expect(delay.currentMs(clock.now()) > 200).toBe(exceeds200);
  });

  it('adds the pause that is going on to those of the last second', () => {
    const { clock, delay } = started();
    clock.advance(5_000);
    busy(clock, 300, 300);
    clock.stall(300);
    const during = delay.currentMs(clock.now());
    clock.advance(0);
    expect(during).toBeCloseTo(168, 6);
    expect(delay.currentMs(clock.now())).toBeCloseTo(during, 6);
  });

  it.each([300, 1_000, 60_000])('forgets a pause of %d ms within a second', (pauseMs) => {
    const { clock, delay } = started();
    clock.stall(pauseMs);
    clock.advance(1_020);
    expect(delay.currentMs(clock.now())).toBe(0);
  });

  it('comes down as the pause moves out of the last second', () => {
    const { clock, delay } = started();
    clock.stall(1_020);
    clock.advance(0);
    expect(delay.currentMs(clock.now())).toBeCloseTo(1_000, 6);
    clock.advance(500);
    expect(delay.currentMs(clock.now())).toBeCloseTo(500, 6);
  });

  it('says nothing of a loop it does not watch, and leaves no timer when it is stopped', () => {
    const clock = new VirtualClock();
    const delay = new LoopDelay(clock);
    clock.stall(10_000);
    expect(delay.currentMs(clock.now())).toBe(0);
    delay.start();
    expect(delay.currentMs(clock.now())).toBe(0);
    clock.stall(5_000);
    clock.advance(500);
    expect(clock.pending).toBe(1);
    delay.stop();
    delay.stop();
    expect(clock.pending).toBe(0);
    clock.stall(10_000);
    expect(delay.currentMs(clock.now())).toBe(0);
  });

  it('holds no more than the late beats of a second', () => {
    const { clock, delay } = started();
    busy(clock, 21, 60_000);
    expect((delay as unknown as { late: unknown[] }).late.length).toBeLessThanOrEqual(50);
  });
});
