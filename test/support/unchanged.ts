import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/** Whether a text is JSON of something that zod returns as it was given, and that says nothing twice. */
export function isUnchangedBy(schema: z.ZodType, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const { success, data } = schema.safeParse(value);
  return success && isDeepStrictEqual(data, value) && stringsIn(value) === quotedIn(text);
}

const quotedIn = (text: string): number => text.match(/"(?:[^"\\]|\\.)*"/gs)?.length ?? 0;

/** As many as a text has that says nothing twice. */
function stringsIn(value: unknown): number {
  if (typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, part) => sum + stringsIn(part), own);
}
