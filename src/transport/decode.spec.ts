import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { InvalidBodyError } from '../errors/errors.ts';
import { decode as decodeWhole } from './decode.ts';

const Order = z.object({ id: z.string(), totalCents: z.int(), note: z.string().optional() });
const Orders = z.array(Order);

const decode = <T>(body: Buffer, schema: z.ZodType<T>): T => decodeWhole(body, schema).value;

/** What decoding says is wrong. */
function problem(body: string | Buffer, schema: z.ZodType = Orders): string {
  try {
    decode(Buffer.from(body), schema);
  } catch (error) {
    if (error instanceof InvalidBodyError) return error.message;
    throw error;
  }
  throw new Error('it was found good');
}

describe('decode', () => {
  it('gives the value of a body that matches', () => {
    expect(decode(Buffer.from('[{"id":"a","totalCents":5}]'), Orders)).toEqual([
      { id: 'a', totalCents: 5 },
    ]);
  });

  it('drops every field that the schema does not know, at every depth', () => {
    const body = '[{"id":"a","totalCents":5,"password":"x","__proto__":{"admin":true}}]';
    const [order] = decode(Buffer.from(body), Orders);
    expect(JSON.stringify(order)).toBe('{"id":"a","totalCents":5}');
    expect(order).not.toHaveProperty('admin');
  });

  it.each([
    ['a body in one line', '[{"id":"a","totalCents":5}]', '[{"id":"a","totalCents":5}]'],
    ['one that ends with a line feed', '[]\n', '[]'],
    [
      'letters of all kinds',
      '[{"id":"Zoë ☕","totalCents":5}]',
      '[{"id":"Zoë ☕","totalCents":5}]',
    ],
    ['a body in lines', '[\n]', undefined],
    ['an unknown field', '[{"id":"a","totalCents":5,"password":"x"}]', undefined],
    ['a field twice', '[{"id":{"password":"x"},"id":"a","totalCents":5}]', undefined],
  ])('knows the text of %s, if it says no more than the value', (_what, body, json) => {
    const decoded = decodeWhole(Buffer.from(body), Orders);
    expect(decoded.json).toBe(json);
    expect(decoded.body).toEqual(Buffer.from(body));
    expect(decoded.value).toEqual(Orders.parse(JSON.parse(body)));
  });

  it('keeps its text to itself when somebody makes another value of it', () => {
    const decoded = decodeWhole(Buffer.from('[]'), Orders);
    expect({ ...decoded, value: ['another'] }).not.toHaveProperty('json');
  });

  it('reads UTF-8', () => {
    expect(decode(Buffer.from('"Zoë ☕"'), z.string())).toBe('Zoë ☕');
  });

  it.each([
    ['nothing', ''],
    ['HTML', '<html></html>'],
    ['a cut end', '[{"id":"a","totalCents":'],
    ['two values', '[] []'],
    ['bytes that are no text', Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
    ['a string that is not UTF-8', Buffer.from('{"name":"b\xff"}', 'latin1')],
  ])('finds %s to be no JSON', (_what, body) => {
    expect(problem(body)).toBe('is not JSON');
  });

  it.each([
    ['null', 'does not match at the top'],
    ['{}', 'does not match at the top'],
    ['[1]', 'does not match at 0'],
    ['[{"id":"a"}]', 'does not match at 0.totalCents'],
    ['[{"id":"a","totalCents":5},{"id":7,"totalCents":5}]', 'does not match at 1.id'],
    ['[{"id":"a","totalCents":1.5}]', 'does not match at 0.totalCents'],
    ['[{"id":"a","totalCents":5,"note":null}]', 'does not match at 0.note'],
  ])('says where %s does not match', (body, message) => {
    expect(problem(body)).toBe(message);
  });

  it.each(['{"id":"s3cret"}', '[{"id":["s3cret"],"totalCents":5}]', '"s3cret"', 's3cret'])(
    'never says what was there: %s',
    (body) => {
      expect(problem(body)).not.toContain('s3cret');
    },
  );

  it('survives a body that is nothing but nesting', () => {
    expect(problem('['.repeat(100_000))).toBe('is not JSON');
    expect(problem(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toBe('does not match at 0');
  });
});
