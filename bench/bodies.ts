/** What the sources of the benchmarks say, and where they listen. */

export interface SourceUrls {
  readonly user: string;
  readonly orders: string;
  readonly recommendations: string;
}

const order = (n: number): unknown => ({
  id: `o-2024-${1000 + n}`,
  status: n % 2 === 0 ? 'delivered' : 'shipped',
  totalCents: 4990 + n * 137,
  currency: 'EUR',
  placedAt: `2024-05-${10 + n}T08:${10 + n}:00.000Z`,
  items: [1, 2].map((i) => ({
    sku: `sku-${n * 7 + i}-black`,
    quantity: i,
    priceCents: 1295 + n * 31 + i,
  })),
});

const recommendation = (n: number): unknown => ({
  productId: `p-${4200 + n * 13}`,
  title: `Folding camping chair, number ${n}`,
  score: Number((0.98 - n * 0.037).toFixed(3)),
  reason: 'people who bought this also bought',
});

/** 3.2 KB in all: 0.2 KB of user, 2.1 KB of orders, 1.0 KB of recommendations. */
export const BODIES: Readonly<Record<keyof SourceUrls, unknown>> = {
  user: {
    id: '42',
    name: 'Ada Lovelace',
    email: 'ada.lovelace@example.com',
    avatarUrl: 'https://avatars.example.com/u/42/large.png',
    plan: 'plus',
    createdAt: '2023-11-05T09:30:00.000Z',
  },
  orders: Array.from({ length: 9 }, (_, n) => order(n)),
  recommendations: Array.from({ length: 8 }, (_, n) => recommendation(n)),
};
