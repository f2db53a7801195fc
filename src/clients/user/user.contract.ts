import { z } from 'zod';
import { defineSource } from '../source.ts';

const User = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    avatarUrl: z.string().optional(),
    plan: z.string().optional(),
    createdAt: z.string().optional(),
  })
  .meta({ id: 'User' });

export type User = z.infer<typeof User>;

export const userSource = defineSource({
  name: 'user',
  envPrefix: 'USER_SERVICE',
  about: 'Who the user is.',
  schema: User,
  defaults: { STALE_MS: '60000' },
  decidesExistence: true,
});
