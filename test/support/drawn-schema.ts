import fc from 'fast-check';
import { z } from 'zod';

/** Schemas that are drawn at random from those that only tell types apart, and values that match them. */

export type Shape =
  | { readonly kind: 'string' | 'int' | 'number' | 'boolean' | 'null' }
  | { readonly kind: 'enum'; readonly words: readonly string[] }
  | { readonly kind: 'nullable' | 'array'; readonly of: Shape }
  | { readonly kind: 'object'; readonly fields: readonly DrawnField[] };

interface DrawnField {
  readonly name: string;
  readonly isOptional: boolean;
  readonly of: Shape;
}

const word = fc.string({ maxLength: 5, unit: 'binary' });

/** Objects list names that look like numbers first; and some names are in every object. */
const name = word.filter((text) => !/^\d+$/.test(text) && !(text in Object.prototype));

export const { drawnShape } = fc.letrec<{ drawnShape: Shape }>((tie) => ({
  drawnShape: fc.oneof(
    { maxDepth: 3, depthSize: 'medium', withCrossShrink: true },
    fc.record({
      kind: fc.constantFrom<('string' | 'int' | 'number' | 'boolean' | 'null')[]>(
        'string',
        'int',
        'number',
        'boolean',
        'null',
      ),
    }),
    fc.record({
      kind: fc.constant('enum' as const),
      words: fc.uniqueArray(word, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constantFrom('nullable', 'array'), of: tie('drawnShape') }),
    fc.record({
      kind: fc.constant('object' as const),
      fields: fc
        .uniqueArray(fc.record({ name, isOptional: fc.boolean(), of: tie('drawnShape') }), {
          selector: (field) => field.name,
          maxLength: 5,
        })
        .map((fields) => fields.toSorted((a, b) => Number(a.isOptional) - Number(b.isOptional)))
        .filter(([first]) => first?.isOptional !== true),
    }),
  ),
}));

const SIMPLE = {
  string: z.string(),
  int: z.int(),
  number: z.number(),
  boolean: z.boolean(),
  null: z.null(),
};

export function schemaOf(shape: Shape): z.ZodType {
  switch (shape.kind) {
    case 'enum':
      return z.enum([...shape.words]);
    case 'nullable':
      return z.nullable(schemaOf(shape.of));
    case 'array':
      return z.array(schemaOf(shape.of));
    case 'object':
      return z.object(
        Object.fromEntries(
          shape.fields.map(({ name: field, isOptional, of }) => {
            const schema = schemaOf(of);
            return [field, isOptional ? schema.optional() : schema];
          }),
        ),
      );
    default:
      return SIMPLE[shape.kind];
  }
}

export function valueOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'string':
      return fc.string({ unit: 'binary' });
    case 'int':
      return fc.maxSafeInteger().map((value) => value % 1e15 || 0);
    case 'number':
      return fc
        .double({ min: -1e14, max: 1e14, noNaN: true })
        .map((value) => (Math.abs(value) < 1e-6 ? 0 : value));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'enum':
      return fc.constantFrom(...shape.words);
    case 'nullable':
      return fc.option(valueOf(shape.of));
    case 'array':
      return fc.array(valueOf(shape.of), { maxLength: 4 });
    case 'object':
      return fc.record(
        Object.fromEntries(shape.fields.map((field) => [field.name, valueOf(field.of)])),
        {
          requiredKeys: shape.fields
            .filter((field) => !field.isOptional)
            .map((field) => field.name),
        },
      );
    default:
      return shape satisfies never;
  }
}
