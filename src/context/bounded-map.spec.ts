import { expect, it } from '@jest/globals';
import { BoundedMap } from './bounded-map.ts';

it('forgets what was set longest ago when it is full', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect(map.size).toBe(2);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
  expect(map.size).toBe(2);
});
