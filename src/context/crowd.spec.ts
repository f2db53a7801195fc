import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { whenExpired } from '../../test/support/when-expired.ts';
import { Crowd } from './crowd.ts';
import { Deadline } from './deadline.ts';

/** So many requests that came at the same time, and when each expired, in ms after that. */
function crowdOf(size: number, totalMs = 1_500) {
  const clock = new VirtualClock();
  const crowd = new Crowd();
  const cameAt = clock.now();
  const expiredAt: number[] = [];
  const deadlines = Array.from({ length: size }, () => {
    const deadline = new Deadline(clock, cameAt, totalMs, 60, crowd);
    whenExpired(deadline, () => expiredAt.push(clock.now() - cameAt));
    return deadline;
  });
  return { clock, crowd, deadlines, expiredAt };
}

describe('a crowd that waits for its deadlines', () => {
  it('of a hundred expires at the usual time', () => {
    const { clock, expiredAt } = crowdOf(100);
    clock.advance(1_439);
    expect(expiredAt).toEqual([]);
    clock.advance(1);
    expect(expiredAt).toHaveLength(100);
  });

  it('expires the earlier the more there are, a tenth of a ms for each', () => {
    const { clock, crowd, expiredAt } = crowdOf(1_100);
    clock.advance(1_500);
    expect(expiredAt[0]).toBeCloseTo(1_340, -1);
    expect(expiredAt).toHaveLength(1_100);
    expect(crowd.size).toBe(0);
  });

  it('expires at the usual time where most were answered meanwhile', () => {
    const { clock, deadlines, expiredAt } = crowdOf(1_000);
    clock.advance(1_200);
    for (const deadline of deadlines.slice(0, -50)) deadline.dispose();
    clock.advance(230);
    expect(expiredAt).toEqual([]);
    clock.advance(10);
    expect(expiredAt).toHaveLength(50);
  });

  it('never loses more than three tenths of its time', () => {
    const { clock, expiredAt } = crowdOf(50_000, 200);
    clock.advance(200 - 60 - 60 - 1);
    expect(expiredAt).toEqual([]);
  });

  it('counts nobody twice, and nobody who has left', () => {
    const { clock, crowd, deadlines } = crowdOf(3);
    deadlines[0]?.watch({ expired: () => undefined });
    expect(crowd.size).toBe(3);
    deadlines[0]?.dispose();
    deadlines[0]?.dispose();
    expect(crowd.size).toBe(2);
    clock.advance(1_500);
    deadlines[1]?.dispose();
    expect(crowd.size).toBe(0);
  });
});
