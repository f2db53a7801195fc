import { z } from 'zod';
import { defineSource } from '../source.ts';

const Order = z
  .object({
    id: z.string(),
    status: z.string(),
    totalCents: z.int(),
    currency: z.string(),
    placedAt: z.string(),
    items: z
      .array(z.object({ sku: z.string(), quantity: z.int(), priceCents: z.int() }))
      .optional(),
  })
  .meta({ id: 'Order' });

const Orders = z.array(Order);

export type Orders = z.infer<typeof Orders>;

export const orderSource = defineSource({
  name: 'orders',
  envPrefix: 'ORDER_SERVICE',
  about: 'What the user bought.',
  schema: Orders,
});
