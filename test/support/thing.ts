import { z } from 'zod';

/** What the source of these tests answers. */
export const ThingSchema = z.object({ name: z.string() });
export type Thing = z.infer<typeof ThingSchema>;
export const THING: Thing = { name: 'a thing' };
