import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
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
  const contract = contractOf(schema);
  return contract.isExact(text)
    ? new Exact<T>(body, text)
    : { value: checked(text, contract.compiled), body };
}

/**
 * Most answers: whoever passes them on needs no value. What they say is not in fields of their own, so that somebody who makes another
 * value of one, with `{ ...fetched, value }`, does not take the old text along.
 */
class Exact<T> implements Decoded<T> {
  readonly body: Buffer;
  private readonly text: string;

  constructor(body: Buffer, text: string) {
    this.body = body;
    this.text = text;
  }

  get json(): string {
    return this.text;
  }

  get value(): T {
    // It matched the expression that was made of the schema of T.
    return JSON.parse(this.text) as T;
  }
}

const LINE_FEED = 0x0a;

/** Many a source ends its answer with a line feed. */
function lengthOfText(body: Buffer): number {
  const last = body.length - 1;
  return body[last] === LINE_FEED ? last : body.length;
}

/** What is made of a schema once. */
interface Contract<T> {
  readonly isExact: IsExact;
  /** The same schema, as zod is quickest with it. */
  readonly compiled: z.ZodType<T>;
}

const contracts = new WeakMap<z.ZodType, Contract<unknown>>();

function contractOf<T>(schema: z.ZodType<T>): Contract<T> {
  // Only ever set below, with what was made of the same schema.
  let contract = contracts.get(schema) as Contract<T> | undefined;
  if (contract === undefined) {
    contract = { isExact: exactly(schema), compiled: z.compile(schema) };
    contracts.set(schema, contract);
  }
  return contract;
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
