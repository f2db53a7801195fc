import { describe, expect, it } from '@jest/globals';
import { InvalidBodyError, OversizedBodyError, SourceStatusError } from '../errors/errors.ts';
import { headProblem, type Head } from './head.ts';

const LIMIT = 1_000;

const retryAfterOf = (value: Head[string]): number | undefined =>
  headProblem(503, { 'retry-after': value }, LIMIT)?.retryAfterMs;

describe('headProblem', () => {
  it.each([200, 201, 204, 206, 299])('lets the body of a %d count', (status) => {
    expect(headProblem(status, {}, LIMIT)).toBeUndefined();
  });

  it.each([199, 300, 302, 304, 400, 404, 429, 500, 503])(
    'finds a status of %d wrong, whatever the headers say',
    (status) => {
      const problem = headProblem(status, { 'content-encoding': 'gzip' }, LIMIT);
      expect(problem).toBeInstanceOf(SourceStatusError);
      expect(problem).toMatchObject({ status });
    },
  );

  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, identity'])(
    'does not take an answer that is compressed with %s',
    (encoding) => {
      expect(headProblem(200, { 'content-encoding': encoding }, LIMIT)).toBeInstanceOf(
        InvalidBodyError,
      );
    },
  );

  it.each(['identity', '', undefined])('takes a content encoding of %j', (encoding) => {
    expect(headProblem(200, { 'content-encoding': encoding }, LIMIT)).toBeUndefined();
  });

  it.each(['Identity', 'IDENTITY'])('reads %s as identity: codings have no case', (encoding) => {
    expect(headProblem(200, { 'content-encoding': encoding }, LIMIT)).toBeUndefined();
  });

  it('reads a header that is null as absent', () => {
    expect(headProblem(200, { 'content-encoding': null }, LIMIT)).toBeUndefined();
  });

  it.each([
    ['1001', true],
    [1_001, true],
    ['1000', false],
    ['0', false],
    [undefined, false],
    ['many', false],
  ])('with a content length of %j the answer is too large: %s', (length, tooLarge) => {
    const problem = headProblem(200, { 'content-length': length }, LIMIT);
    expect(problem instanceof OversizedBodyError).toBe(tooLarge);
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['5', 5_000],
    ['120', 120_000],
  ])('of %s seconds is %d ms', (value, ms) => {
    expect(retryAfterOf(value)).toBe(ms);
  });

  it('is a date in the future', () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const ms = retryAfterOf(inAMinute) ?? 0;
    // A date has whole seconds, and some of them may have passed meanwhile.
    expect(ms).toBeGreaterThan(30_000);
    expect(ms).toBeLessThanOrEqual(60_000);
  });

  it('is now for a date in the past', () => {
    expect(retryAfterOf('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
  });

  it.each(['soon', '', '1.5', '-5', undefined, null])(
    'of %j says nothing: neither seconds nor a date',
    (value) => {
      expect(retryAfterOf(value)).toBeUndefined();
    },
  );

  it('counts for a 429 too', () => {
    expect(headProblem(429, { 'retry-after': '2' }, LIMIT)?.retryAfterMs).toBe(2_000);
  });
});
