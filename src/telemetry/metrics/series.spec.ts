import { expect, it } from '@jest/globals';
import { Count } from './cells.ts';
import { Series } from './series.ts';

type Labels = [source: string, status: string, reason: string];

it('has one cell for each combination of values, made when first asked for', () => {
  const series = new Series<Labels, Count>(() => new Count());
  expect([...series.entries()]).toEqual([]);
  series.at('user', 'fresh', '').count += 1;
  series.at('user', 'missing', 'timeout').count += 2;
  series.at('orders', 'missing', 'timeout').count += 3;
  series.at('user', 'fresh', '').count += 10;
  expect([...series.entries()]).toEqual([
    [['user', 'fresh', ''], { count: 11 }],
    [['user', 'missing', 'timeout'], { count: 2 }],
    [['orders', 'missing', 'timeout'], { count: 3 }],
  ]);
});

it('does not take one combination for another that reads the same when joined', () => {
  const series = new Series<Labels, Count>(() => new Count());
  expect(series.at('a', 'b c', '')).not.toBe(series.at('a b', 'c', ''));
  expect(series.at('a', '', 'b')).not.toBe(series.at('a', 'b', ''));
});
