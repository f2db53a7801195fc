import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawnShape, schemaOf, valueOf, type Shape } from '../../test/support/drawn-schema.ts';
import { isUnchangedBy } from '../../test/support/unchanged.ts';
import { exactly } from './exact.ts';

/** For any schema that only tells types apart: yes is certain. */

const drawn = drawnShape.chain((shape) =>
  fc.record({ shape: fc.constant(shape), value: valueOf(shape) }),
);
/** A text, and what to do to it. */
const edited = fc.record({
  of: drawn,
  edits: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(12),
      kind: fc.constantFrom('insert', 'repeat', 'drop'),
      piece: fc.constantFrom(
        ...'"\\,:[]{}-01.e \n\t\u0000aä',
        'null',
        'true',
        '""',
        '-0',
        '\\u0041',
        '"a":1,',
        '"__proto__":{}',
      ),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

it('what is written in its order is exact, and zod makes the same of it', () => {
  fc.assert(
    fc.property(drawn, ({ shape, value }) => {
      const text = JSON.stringify(value);
      const schema = schemaOf(shape);
      expect(exactly(schema)(text)).toBe(true);
      expect(isUnchangedBy(schema, text)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

it('what is exact after any edit is what zod returns unchanged', () => {
  fc.assert(
    fc.property(edited, ({ of: { shape, value }, edits }) => {
      let text = JSON.stringify(value);
      for (const edit of edits) text = editedBy(edit, text);
      holds(shape, text);
    }),
    { numRuns: 3_000 },
  );
});

it('and so is what was meant for another schema', () => {
  fc.assert(
    fc.property(drawn, drawnShape, ({ value }, shape) => holds(shape, JSON.stringify(value))),
    { numRuns: 1_000 },
  );
});

function holds(shape: Shape, text: string): void {
  const schema = schemaOf(shape);
  if (exactly(schema)(text)) expect([text, isUnchangedBy(schema, text)]).toEqual([text, true]);
}

interface Edit {
  readonly at: number;
  readonly from: number;
  readonly length: number;
  readonly kind: 'insert' | 'repeat' | 'drop';
  readonly piece: string;
}

function editedBy({ at, from, length, kind, piece }: Edit, text: string): string {
  const index = Math.floor(at * text.length);
  const start = Math.floor(from * text.length);
  const inserted = { insert: piece, repeat: text.slice(start, start + length), drop: '' }[kind];
  return text.slice(0, index) + inserted + text.slice(index + (kind === 'drop' ? length : 0));
}
