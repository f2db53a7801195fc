import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { InvalidBodyError } from '../errors/errors.ts';
import { exactly, type IsExact } from './exact.ts';

/** What a body says. */
export interface Decoded<T> {
  readonly value: T;
  readonly body: Buffer;
  /** The same in JSON, in one line; only where the body is written so. */
  readonly json?: string;
}

/**
 * Bytes to a checked value. Unknown fields are dropped. What parses and matches counts, whatever the content type
 * says; messages say where it does not match, never what was there.
 *
 * @throws InvalidBodyError
 */
export function decode<T>(body: Buffer, schema: z.ZodType<T>): Decoded<T> {
  if (!isUtf8(body)) throw new InvalidBodyError('is not JSON');
  const text = body.toString('utf8', 0, lengthOfText(body));
  if (checkOf(schema)(text)) return new Exact<T>(body, text);
  return { value: checked(text, schema), body };
}

/** Most answers: whoever passes them on needs no value. */
class Exact<T> implements Decoded<T> {
  readonly body: Buffer;
  readonly json: string;

  constructor(body: Buffer, json: string) {
    this.body = body;
    this.json = json;
  }

  get value(): T {
    // It matched the expression that was made of the schema of T.
    return JSON.parse(this.json) as T;
  }
}

const LINE_FEED = 0x0a;

/** Many a source ends its answer with a line feed. */
function lengthOfText(body: Buffer): number {
  const last = body.length - 1;
  return body[last] === LINE_FEED ? last : body.length;
}

const checks = new WeakMap<z.ZodType, IsExact>();

function checkOf(schema: z.ZodType): IsExact {
  let check = checks.get(schema);
  if (check === undefined) {
    check = exactly(schema);
    checks.set(schema, check);
  }
  return check;
}

function checked<T>(text: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parsed(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidBodyError(`does not match at ${issue?.path.join('.') || 'the top'}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidBodyError('is not JSON');
  }
}
