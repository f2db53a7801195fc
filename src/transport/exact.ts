import { z } from 'zod';

/** Whether a text is JSON of exactly what a schema would make of it, in one line and without white space. */
export type IsExact = (text: string) => boolean;

/** Of longer texts the matcher's stack (64 MB) could run out: measured, it holds 15 times as many. */
const MAX_LENGTH = 1024 * 1024;

/**
 * The contract as a regular expression. What it matches has the right types, no unknown field, and none twice: nobody has
 * to make objects of such a text to know that it is good, or to pass it on.
 *
 * Yes is certain. No says nothing: the text may have its fields in another order than the schema, or numbers with
 * exponents; and a schema that does more than to tell types apart is not written as an expression at all.
 */
export function exactly(schema: z.ZodType): IsExact {
  const pattern = patternOf(schema, []);
  if (pattern === undefined) return () => false;
  const expression = new RegExp(`^${pattern}$`);
  return (text) => text.length <= MAX_LENGTH && expression.test(text);
}

// At each character there is one way to go on, so that what does not match is found out in a single pass.

const PLAIN = '[^"\\\\\\x00-\\x1f]*';
const STRING = `"${PLAIN}(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})${PLAIN})*"`;
/** Safe ones, and not `-0`, which would be written `0`. */
const INTEGER = '(?:0|-?[1-9]\\d{0,14})';
const NUMBER = `(?:${INTEGER}|-0(?=\\.0*[1-9]))(?:\\.\\d{1,25})?`;

/** @param around the schemas that it stands in: one that stands in itself has no pattern */
function patternOf(schema: unknown, around: readonly unknown[]): string | undefined {
  if (!(schema instanceof z.ZodType) || doesMore(schema) || around.includes(schema))
    return undefined;
  const inside = [...around, schema];
  if (schema instanceof z.ZodString) return STRING;
  if (schema instanceof z.ZodNumberFormat)
    return schema._zod.def.format === 'safeint' ? INTEGER : undefined;
  if (schema instanceof z.ZodNumber) return NUMBER;
  if (schema instanceof z.ZodBoolean) return '(?:true|false)';
  if (schema instanceof z.ZodNull) return 'null';
  if (schema instanceof z.ZodEnum) return oneOf(schema.options);
  if (schema instanceof z.ZodNullable) return orNull(patternOf(schema.unwrap(), inside));
  if (schema instanceof z.ZodArray) return arrayOf(patternOf(schema.element, inside));
  if (schema instanceof z.ZodObject) return objectOf(schema.shape, inside);
  return undefined;
}

/** Checks, which may change the value as well, and conversions. */
const doesMore = ({ def }: z.ZodType): boolean =>
  (def.checks?.length ?? 0) > 0 || ('coerce' in def && def.coerce === true);

const orNull = (pattern: string | undefined): string | undefined =>
  pattern && `(?:null|(?!n)${pattern})`;

const arrayOf = (item: string | undefined): string | undefined =>
  item && `\\[(?:${item}(?:,${item})*)?\\]`;

/** In the order of the shape, beginning with one that is required: so each comma belongs to the field behind it. */
function objectOf(
  shape: Readonly<Record<string, unknown>>,
  around: readonly unknown[],
): string | undefined {
  let fields = '';
  for (const [name, schema] of Object.entries(shape)) {
    const isFirst = fields === '';
    const isOptional = schema instanceof z.ZodOptional && !doesMore(schema);
    const value = patternOf(isOptional ? schema.unwrap() : schema, around);
    // Of a field like `toString` zod finds something in every object, and of `__proto__` it makes nothing.
    if (value === undefined || name in Object.prototype || (isFirst && isOptional))
      return undefined;
    const field = `${isFirst ? '' : ','}${quoted(name)}:${value}`;
    fields += isOptional ? `(?:${field})?` : field;
  }
  return `\\{${fields}\\}`;
}

/** Of texts only: a number can be written in many ways. */
const oneOf = (options: readonly unknown[]): string | undefined =>
  options.length > 0 && options.every((option) => typeof option === 'string')
    ? `(?:${options.map(quoted).join('|')})`
    : undefined;

const quoted = (text: string): string => JSON.stringify(text).replaceAll(/[^\w"]/g, '\\$&');
