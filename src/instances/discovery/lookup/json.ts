import type { z } from 'zod';

/** What a text says, if it is what it should be. @throws Error that quotes nothing of it */
export function readJson<T>(text: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parse(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`not as expected at [${issue?.path.join('.') ?? ''}]: ${issue?.message ?? ''}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('not JSON');
  }
}
