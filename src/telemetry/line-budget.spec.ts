import { expect, it } from '@jest/globals';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { LineBudget } from './line-budget.ts';

function budgetUnderTest(perSecond: number) {
  const clock = new VirtualClock();
  const told: number[] = [];
  const budget = new LineBudget(clock, perSecond, (count) => told.push(count));
  const take = (times: number): number =>
    Array.from({ length: times }, () => budget.take()).filter(Boolean).length;
  return { clock, told, take };
}

it('there is room for so many lines a second, and then for as many again', () => {
  const { clock, told, take } = budgetUnderTest(3);
  expect(take(5)).toBe(3);
  clock.advance(999);
  expect(take(1)).toBe(0);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([3]);
  expect(take(5)).toBe(3);
});

it('what was left out is told at the end of its second, also when nothing more comes', () => {
  const { clock, told, take } = budgetUnderTest(1);
  for (let second = 1; second <= 3; second += 1) {
    take(1 + second);
    clock.advance(1_000);
  }
  expect(told).toEqual([1, 2, 3]);
  expect(clock.pending).toBe(0);
});

it('where all had room nothing is told, and no timer runs', () => {
  const { clock, told, take } = budgetUnderTest(2);
  for (let second = 0; second < 3; second += 1) {
    expect(take(2)).toBe(2);
    expect(clock.pending).toBe(0);
    clock.advance(1_000);
  }
  expect(told).toEqual([]);
});
