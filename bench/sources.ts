import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The three sources, in one process of their own: they answer at once, with fixed bytes built beforehand, so that
 * what is measured is the aggregator and not them. Says where they listen (`SourceUrls`), answers every other
 * message with how many requests reached them so far, and leaves with the process that started it.
 */

export interface SourceUrls {
  readonly user: string;
  readonly orders: string;
  readonly recommendations: string;
}

/** What the sources say when asked: requests served since their start, all three together. */
export interface Served {
  readonly served: number;
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
const BODIES: Readonly<Record<keyof SourceUrls, unknown>> = {
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

let served = 0;

function answering(body: unknown): RequestListener {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  return (_request, response) => {
    served += 1;
    response.writeHead(200, headers).end(bytes);
  };
}

async function listen(name: keyof SourceUrls): Promise<string> {
  // Connections outlive the pause between two turns of a contender, so that nobody is measured connecting.
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, answering(BODIES[name]));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const urls: SourceUrls = {
  user: await listen('user'),
  orders: await listen('orders'),
  recommendations: await listen('recommendations'),
};

process.on('disconnect', () => process.exit(0));
process.on('message', () => process.send?.({ served } satisfies Served));
process.send?.(urls);
