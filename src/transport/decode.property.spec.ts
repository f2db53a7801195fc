import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';
import { drawnShape, schemaOf, valueOf } from '../../test/support/drawn-schema.ts';
import { InvalidBodyError } from '../errors/errors.ts';
import { decode } from './decode.ts';

/** Whichever way a body is checked, zod's word holds. */

function decoded(schema: z.ZodType, body: string): unknown {
  try {
    const { value, json } = decode(Buffer.from(body), schema);
    if (json !== undefined) expect(JSON.parse(json)).toEqual(value);
    return { value };
  } catch (error) {
    if (error instanceof InvalidBodyError) return error.message;
    throw error;
  }
}

function judged(schema: z.ZodType, body: string): unknown {
  const { success, data, error } = schema.safeParse(JSON.parse(body));
  if (success) return { value: data };
  return `does not match at ${error.issues[0]?.path.join('.') || 'the top'}`;
}

/** With what a schema does not know, or in another order. */
const disturbed = (value: unknown): fc.Arbitrary<unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? fc
        .shuffledSubarray([...Object.entries(value), ['unknown', 1]])
        .map((entries) => Object.fromEntries(entries) as unknown)
    : fc.constant(value);

const drawn = drawnShape.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    value: fc.oneof(
      valueOf(shape),
      valueOf(shape).chain(disturbed),
      drawnShape.chain(valueOf),
      fc.jsonValue(),
    ),
    space: fc.constantFrom('', ' ', '\n'),
    end: fc.constantFrom('', '\n', ' \r\n\t'),
  }),
);

it('for any schema and any body there is the value that zod gives, or its objection', () => {
  fc.assert(
    fc.property(drawn, ({ shape, value, space, end }) => {
      const body = JSON.stringify(value, undefined, space) + end;
      const schema = schemaOf(shape);
      expect(decoded(schema, body)).toEqual(judged(schema, body));
    }),
    { numRuns: 2_000 },
  );
});
