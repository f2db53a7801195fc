import { expect, it } from '@jest/globals';
import { Latest } from './latest.ts';

it('keeps the latest so many, oldest first, and never holds twice as many', () => {
  const latest = new Latest<number>(3);
  expect(latest.list).toEqual([]);
  for (let n = 1; n <= 100; n += 1) {
    latest.add(n);
    const expected = [n - 2, n - 1, n].filter((kept) => kept > 0);
    expect(latest.list).toEqual(expected);
    expect((latest as unknown as { items: unknown[] }).items.length).toBeLessThan(6);
  }
});
