import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { isUnchangedBy } from '../../test/support/unchanged.ts';
import { orderSource } from '../clients/order/order.contract.ts';
import { recommendationSource } from '../clients/recommendation/recommendation.contract.ts';
import { userSource } from '../clients/user/user.contract.ts';
import { exactly } from './exact.ts';

const Thing = z.object({
  id: z.string(),
  count: z.int(),
  score: z.number(),
  isOld: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  kind: z.nullable(z.enum(['a.b', 'c"d'])).optional(),
  end: z.null(),
});
const isThing = exactly(Thing);

/** A thing in JSON, with this after its id. */
const thing = (rest = '"count":1,"score":2.5,', id = '"x"'): string =>
  `{"id":${id},${rest}"end":null}`;

describe('a text is exactly what the schema makes of it', () => {
  it.each([
    ['plain', thing()],
    [
      'with all that is optional',
      thing('"count":0,"score":0,"isOld":true,"tags":["a","b"],"kind":"a.b",'),
    ],
    ['with something optional left out', thing('"count":1,"score":1,"kind":null,')],
    ['with an empty list', thing('"count":1,"score":1,"tags":[],')],
    ['with a quote in a word', thing('"count":1,"score":1,"kind":"c\\"d",')],
    ['with escapes', thing(undefined, '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fC\\ud800"')],
    ['with letters of all kinds', thing(undefined, '"Zoë ☕ 🏕 \u2028"')],
    ['with large numbers', thing('"count":-999999999999999,"score":999999999999999.5,')],
    ['with small numbers', thing('"count":1,"score":-0.00012345678901234567,')],
  ])('%s', (_what, text) => {
    expect(isThing(text)).toBe(true);
    expect(isUnchangedBy(Thing, text)).toBe(true);
  });

  it.each([
    ['a field that nobody knows', thing('"count":1,"score":1,"password":"p",')],
    ['one that is in every object', thing('"count":1,"score":1,"__proto__":{},')],
    ['a field twice', thing('"count":1,"score":1,"score":1,')],
    ['another order', thing('"score":1,"count":1,')],
    ['white space', thing('"count": 1,"score":1,')],
    ['a line feed at the end', `${thing()}\n`],
    ['a field that is missing', thing('"count":1,')],
    ['null for something optional', thing('"count":1,"score":1,"isOld":null,')],
    ['another type', thing('"count":"1","score":1,')],
    ['another word', thing('"count":1,"score":1,"kind":"axb",')],
    ['an escape in a name', thing('"\\u0063ount":1,"score":1,')],
    ['a fraction', thing('"count":1.5,"score":1,')],
    ['a fraction that is none', thing('"count":1.0,"score":1,')],
    ['an integer that is not safe', thing('"count":9007199254740993,"score":1,')],
    ['an exponent', thing('"count":1,"score":1e3,')],
    ['a number without end', thing('"count":1,"score":1e999,')],
    ['the other zero', thing('"count":-0,"score":1,')],
    ['the other zero as a fraction', thing('"count":1,"score":-0.00,')],
    ['a zero before a number', thing('"count":01,"score":1,')],
    ['a number without digits', thing('"count":-,"score":1,')],
    ['a bare point', thing('"count":1,"score":1.,')],
    ['a comma too many', thing('"count":1,"score":1,,')],
    ['a comma before the end', '{"id":"x","count":1,"score":1,"end":null,}'],
    ['a list with a comma too many', thing('"count":1,"score":1,"tags":["a",],')],
    ['a bare control character', thing(undefined, '"a\tb"')],
    ['an escape that is none', thing(undefined, '"\\x"')],
    ['an escape that is cut short', thing(undefined, '"\\u00f"')],
    ['a string without end', '{"id":"x'],
    ['something after it', `${thing()}{}`],
    ['something before it', `\ufeff${thing()}`],
    ['nothing', ''],
    ['a list', `[${thing()}]`],
    ['null', 'null'],
  ])('not with %s', (_what, text) => {
    expect(isThing(text)).toBe(false);
  });

  it('not when it is long enough to be a burden', () => {
    const isTexts = exactly(z.array(z.string()));
    const text = (length: number): string => `["${'x'.repeat(length - 4)}"]`;
    expect(isTexts(text(1024 * 1024))).toBe(true);
    expect(isTexts(text(1024 * 1024 + 1))).toBe(false);
  });

  it.each([
    ['empty texts', '""'],
    ['digits', '1'],
    ['escapes', `"${'\\n'.repeat(50)}"`],
  ])('the longest list of %s is no burden, whole or cut short', (_what, item) => {
    const isList = exactly(z.array(item === '1' ? z.number() : z.string()));
    const list = `[${Array(Math.floor((1024 * 1024) / (item.length + 1)) - 1)
      .fill(item)
      .join(',')}]`;
    expect(isList(list)).toBe(true);
    expect(isList(list.slice(0, -1))).toBe(false);
  });
});

it('there is one way to read a null, however often it is allowed', () => {
  const isList = exactly(z.array(z.nullable(z.nullable(z.nullable(z.null())))));
  expect(isList('[null,null]')).toBe(true);
  const startedAt = performance.now();
  expect(isList(`[${'null,'.repeat(15)}]`)).toBe(false);
  // It takes microseconds; with a choice at each of them, ten seconds.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

describe('a schema that does more than to tell types apart knows no text', () => {
  const around = { id: z.string() };
  const Recursive = z.object({
    id: z.string(),
    get parts() {
      return z.array(Recursive).optional();
    },
  });

  it.each<[what: string, schema: z.ZodType, text: string]>([
    ['a check', z.string().min(1), '"a"'],
    ['a change', z.string().trim(), '" a "'],
    ['a format', z.email(), '"a@b.example"'],
    ['a format as a check', z.string().check(z.email()), '"a@b.example"'],
    ['a conversion', z.coerce.string(), '"a"'],
    ['a conversion to a number', z.coerce.number(), '1'],
    ['a conversion to a boolean', z.coerce.boolean(), 'true'],
    ['a bound', z.int().min(2), '1'],
    ['a smaller kind of integer', z.int32(), '2147483648'],
    ['an integer as a check', z.number().int(), '1.5'],
    ['a refinement', z.object(around).refine(() => false), '{"id":"a"}'],
    ['an overwrite', z.array(z.string()).overwrite((list) => list.slice(1)), '["a"]'],
    [
      'a refined optional',
      z.object({
        ...around,
        a: z
          .string()
          .optional()
          .refine(() => false),
      }),
      '{"id":"a","a":""}',
    ],
    ['a default', z.object({ ...around, a: z.string().default('b') }), '{"id":"a","a":"b"}'],
    ['a transform', z.string().transform(Number), '"1"'],
    ['a pipe', z.string().pipe(z.string()), '"1"'],
    ['a catch', z.string().catch('c'), '"1"'],
    ['a read-only', z.array(z.string()).readonly(), '[]'],
    ['a lazy one', z.lazy(() => z.string()), '"a"'],
    [
      'a choice',
      z.union([z.object(around), z.object({ ...around, b: z.string() })]),
      '{"id":"a","b":"b"}',
    ],
    ['a record', z.record(z.string(), z.string()), '{"a":"b"}'],
    ['anything', z.unknown(), '1'],
    ['numbers to choose from', z.enum({ one: 1, ten: 10 }), '10'],
    ['nothing to choose from', z.array(z.enum([])), '[]'],
    ['an optional without an object', z.array(z.string().optional()), '["a"]'],
    ['an object that begins with an optional', z.object({ a: z.string().optional() }), '{"a":""}'],
    ['itself', Recursive, '{"id":"a"}'],
    [
      'a field that is in every object',
      z.object({ ...around, toString: z.string().optional() }),
      '{"id":"a"}',
    ],
    [
      'a prototype',
      z.object({ ...around, ['__proto__']: z.string() }),
      '{"id":"a","__proto__":"p"}',
    ],
  ])('%s', (_what, schema, text) => {
    expect(exactly(schema)(text)).toBe(false);
    expect(exactly(z.object({ inside: schema }))(`{"inside":${text}}`)).toBe(false);
  });
});

it.each<[what: string, schema: z.ZodType, text: string]>([
  ['the user', userSource.schema, '{"id":"1","name":"n","email":"e","plan":"p"}'],
  [
    'orders',
    orderSource.schema,
    '[{"id":"o","status":"s","totalCents":5,"currency":"EUR","placedAt":"p","items":[{"sku":"s","quantity":1,"priceCents":5}]}]',
  ],
  [
    'recommendations',
    recommendationSource.schema,
    '[{"productId":"p","title":"t","score":0.9834567189216614}]',
  ],
])('what the source of %s says is checked so', (_what, schema, text) => {
  expect(exactly(schema)(text)).toBe(true);
});
