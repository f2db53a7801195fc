import { z } from 'zod';
import { defineSource } from '../source.ts';

const Recommendation = z
  .object({
    productId: z.string(),
    title: z.string(),
    score: z.number(),
    reason: z.string().optional(),
  })
  .meta({ id: 'Recommendation' });

const Recommendations = z.array(Recommendation);

export type Recommendations = z.infer<typeof Recommendations>;

export const recommendationSource = defineSource({
  name: 'recommendations',
  envPrefix: 'RECOMMENDATION_SERVICE',
  about: 'What the user may like.',
  schema: Recommendations,
  defaults: { MAX_CONCURRENT: '100', STALE_MS: '600000' },
});
