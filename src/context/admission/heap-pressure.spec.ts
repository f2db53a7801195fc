import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { HeapPressure, usedShareOfHeap } from './heap-pressure.ts';

describe('HeapPressure', () => {
  it.each([
    { share: 0.2, isTight: false },
    { share: 0.9, isTight: false },
    { share: 0.901, isTight: true },
  ])('at $share of the limit: $isTight', ({ share, isTight }) => {
    expect(new HeapPressure(() => share).isTight(0)).toBe(isTight);
  });

  it('looks no more than four times a second, and only when asked', () => {
    const clock = new VirtualClock();
    let share = 0.95;
    let looks = 0;
    const heap = new HeapPressure(() => {
      looks += 1;
      return share;
    });
    clock.advance(10_000);
    expect(looks).toBe(0);
    expect(heap.isTight(clock.now())).toBe(true);
    share = 0.5;
    clock.advance(249);
    expect(heap.isTight(clock.now())).toBe(true);
    clock.advance(1);
    expect(heap.isTight(clock.now())).toBe(false);
    expect(looks).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('reads a real share of a real heap', () => {
    expect(usedShareOfHeap()).toBeGreaterThan(0);
    expect(usedShareOfHeap()).toBeLessThan(1);
  });
});
