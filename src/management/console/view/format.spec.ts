import { describe, expect, it } from '@jest/globals';
import { duration, grouped, ms, percent, rate, timeOfDay } from './format.ts';

describe('numbers as people read them', () => {
  it.each([
    [null, '–'],
    [0, '0.0 ms'],
    [-8.3, '−8.3 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1440, '1.44 s'],
  ])('%s ms is %s', (value, text) => expect(ms(value)).toBe(text));

  it.each([
    [-5, '0 s'],
    [12_400, '12 s'],
    [99_400, '99 s'],
    [100_000, '2 min'],
    [6_000_000, '2 h'],
  ])('%d ms last %s', (value, text) => expect(duration(value)).toBe(text));

  it.each([
    [0, '0'],
    [19.84, '19.8'],
    [20, '20'],
    [99.96, '100'],
    [12_345.6, '12\u202f346'],
  ])('%d a second is %s', (value, text) => expect(rate(value)).toBe(text));

  it.each([
    [0, '0 %'],
    [0.001, '< 1 %'],
    [0.38, '38 %'],
    [0.999, '> 99 %'],
    [1, '100 %'],
  ])('a share of %d is %s', (value, text) => expect(percent(value)).toBe(text));

  it('groups thousands and pads the time of day', () => {
    expect(grouped(1_000_000)).toBe('1\u202f000\u202f000');
    expect(timeOfDay(new Date(2026, 0, 1, 4, 3, 2).getTime())).toBe('04:03:02');
  });
});
