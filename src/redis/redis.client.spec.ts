import { describe, expect, it } from '@jest/globals';
import { causeOf } from './redis.client.ts';

describe('what is said of a Redis that is not there', () => {
  it.each<[string, unknown, string]>([
    [
      'nobody listens',
      Object.assign(new Error('connect …'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['a wrong password', new Error('WRONGPASS invalid username-password pair'), 'WRONGPASS'],
    ['no password', new Error('NOAUTH HELLO must be called with …'), 'NOAUTH'],
    [
      'an old Redis, which quotes the command',
      new Error(
        "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2'",
      ),
      'ERR',
    ],
    ['silence', new Error('Socket timeout. Expecting data, …'), 'it does not answer as Redis does'],
    ['another protocol', new Error('Unknown RESP type 72 "H"'), 'it does not answer as Redis does'],
    ['nothing to go by', {}, 'it does not answer as Redis does'],
  ])('%s', (_what, error, expected) => {
    expect(causeOf(error)).toBe(expected);
  });
});
