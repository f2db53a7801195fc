import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { InvalidBodyError } from '../errors/errors.ts';

/**
 * Bytes to a checked value. Unknown fields are dropped. What parses and matches counts, whatever the content type
 * says; messages say where it does not match, never what was there.
 *
 * @throws InvalidBodyError
 */
export function decode<T>(body: Buffer, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parse(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidBodyError(`does not match at ${issue?.path.join('.') || 'the top'}`);
}

function parse(body: Buffer): unknown {
  if (!isUtf8(body)) throw new InvalidBodyError('is not JSON');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new InvalidBodyError('is not JSON');
  }
}
