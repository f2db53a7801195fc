import { expect, it } from '@jest/globals';
import { audienceOf } from './audience.ts';

const HEADERS = { 'accept-language': 'de', authorization: 'Bearer a' };

it('is the language where nobody is told apart', () => {
  expect(audienceOf(HEADERS, undefined, false)).toBe('de');
});

it('is another one for another caller, another authorization that counts, another language', () => {
  const audiences = [
    audienceOf(HEADERS, undefined, false),
    audienceOf({}, undefined, false),
    audienceOf(HEADERS, 'me', false),
    audienceOf(HEADERS, 'you', false),
    audienceOf(HEADERS, undefined, true),
    audienceOf({ ...HEADERS, authorization: 'Bearer b' }, undefined, true),
    audienceOf(HEADERS, 'me', true),
    audienceOf({ 'accept-language': 'de', authorization: 'Bearer b' }, 'me', true),
  ];
  expect(new Set(audiences).size).toBe(audiences.length);
});

it('is the same whatever the authorization when the sources do not see it', () => {
  expect(audienceOf(HEADERS, 'me', false)).toBe(
    audienceOf({ ...HEADERS, authorization: 'Bearer b' }, 'me', false),
  );
});

it('does not hold the authorization', () => {
  expect(audienceOf({ authorization: 'Bearer s3cret' }, 'me', true)).not.toContain('s3cret');
});
