import { describe, expect, it } from '@jest/globals';
import { frame, sourceFrame } from '../../../../test/support/console-frames.ts';
import { History, meanRate, perSecond, stacked } from './history.ts';

describe('History', () => {
  it('holds two minutes', () => {
    const history = new History();
    for (let n = 1; n <= 200; n += 1) history.add(frame(n));
    expect(history.frames).toHaveLength(120);
    expect(history.last?.at).toBe(200_000);
    expect(history.recent).toHaveLength(5);
  });

  it('reads columns, with gaps where a source was not there', () => {
    const history = new History();
    history.replace([frame(1, {}, { orders: sourceFrame({ fresh: 4 }) }), frame(2)]);
    expect(history.ofSource('orders', ({ fresh }) => fresh)).toEqual([4, 0]);
    expect(history.ofSource('nobody', ({ fresh }) => fresh)).toEqual([null, null]);
  });
});

it('rates are per second, however long the second was', () => {
  expect(perSecond(8, { spanMs: 4000 })).toBe(2);
  expect(perSecond(8, { spanMs: 0 })).toBe(0);
  expect(
    meanRate([frame(1, { success: 2 }), frame(2, { success: 4 })], (f) => f.requests.success),
  ).toBe(3);
  expect(meanRate([], () => 1)).toBe(0);
});

it('layers lie on each other', () => {
  expect(
    stacked([
      [1, 2],
      [10, null],
      [100, 100],
    ]),
  ).toEqual([
    [1, 2],
    [11, 2],
    [111, 102],
  ]);
});
