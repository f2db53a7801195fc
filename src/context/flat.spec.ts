import { expect, it } from '@jest/globals';
import { flat } from './flat.ts';

it.each(['', '42', 'a-short-one', `${'x'.repeat(20)}-${'y'.repeat(107)}`])(
  '%p stays what it is',
  (id) => {
    expect(flat(id)).toBe(id);
    expect(flat(`/dashboard/${id}?x`.slice(11, 11 + id.length))).toBe(id);
  },
);
