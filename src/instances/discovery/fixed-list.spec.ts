import { expect, it } from '@jest/globals';
import type { Address } from '../instance.ts';
import { FixedList } from './fixed-list.ts';

it('is found before start returns, all of one weight, in the order of the list', () => {
  const lists: (readonly Address[])[] = [];
  const discovery = new FixedList({ scheme: 'list', origins: ['http://b:1', 'https://a:2'] });
  discovery.start({
    found: (addresses) => lists.push(addresses),
    failing: () => undefined,
    recovered: () => undefined,
  });
  discovery.stop();
  expect(lists).toEqual([
    [
      { origin: 'http://b:1', weight: 1 },
      { origin: 'https://a:2', weight: 1 },
    ],
  ]);
});
