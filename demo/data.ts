/** Deterministic data: the same user has the same name, orders and recommendations on every machine. */

const USERS = 1000;
const FIRST = [
  'Ada',
  'Grace',
  'Alan',
  'Edsger',
  'Barbara',
  'Tony',
  'Frances',
  'Ken',
  'Radia',
  'Leslie',
];
const LAST = [
  'Lovelace',
  'Hopper',
  'Turing',
  'Dijkstra',
  'Liskov',
  'Hoare',
  'Allen',
  'Thompson',
  'Perlman',
  'Lamport',
];
const PRODUCTS = [
  'Kettle',
  'Lamp',
  'Notebook',
  'Backpack',
  'Headphones',
  'Desk',
  'Chair',
  'Bicycle',
  'Camera',
  'Tent',
];
const ADJECTIVES = ['Quiet', 'Bright', 'Sturdy', 'Light', 'Folding', 'Classic', 'Compact', 'Warm'];
const STATUSES = ['delivered', 'shipped', 'processing', 'cancelled'];
const REASONS = ['bought together', 'viewed lately', 'popular near you'];

/** A body, or undefined where the source has nothing under this id. */
export type Lookup = (userId: string) => unknown;

export const DATA: Readonly<Record<'user' | 'orders' | 'recommendations', Lookup>> = {
  user: (userId) => {
    const n = numberOf(userId);
    if (n === undefined) return undefined;
    const [first, last] = [pick(FIRST, n), pick(LAST, Math.floor(n / FIRST.length))];
    return {
      id: userId,
      name: `${first} ${last}`,
      email: `${first}.${last}.${n}@example.com`.toLowerCase(),
      avatarUrl: `https://avatars.example.com/${n}.png`,
      plan: n % 5 === 0 ? 'plus' : 'free',
      createdAt: day(n),
      // Not in the contract: must never reach the caller.
      passwordHash: 'never to be seen',
    };
  },
  orders: (userId) => {
    const n = numberOf(userId) ?? 0;
    return Array.from({ length: n % 7 }, (_, i) => order(n * 10 + i));
  },
  recommendations: (userId) => {
    const n = numberOf(userId) ?? 0;
    return Array.from({ length: 8 }, (_, i) => ({
      productId: `p-${(n * 13 + i * 7) % 500}`,
      title: title(n + i),
      score: Number((0.99 - i * 0.07 - (n % 10) / 200).toFixed(3)),
      reason: pick(REASONS, n + i),
    }));
  },
};

function order(n: number): unknown {
  const items = Array.from({ length: 1 + (n % 3) }, (_, i) => ({
    sku: `sku-${(n * 3 + i) % 900}`,
    quantity: 1 + ((n + i) % 4),
    priceCents: 499 + ((n * 37 + i * 101) % 9000),
  }));
  return {
    id: `o-${n}`,
    status: pick(STATUSES, n),
    totalCents: items.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0),
    currency: 'EUR',
    placedAt: day(n),
    items,
  };
}

function numberOf(userId: string): number | undefined {
  const n = /^\d{1,4}$/.test(userId) ? Number(userId) : 0;
  return n >= 1 && n <= USERS ? n : undefined;
}

const pick = (list: readonly string[], n: number): string => list[n % list.length] ?? '';
const title = (n: number): string => `${pick(ADJECTIVES, n)} ${pick(PRODUCTS, Math.floor(n / 3))}`;
const day = (n: number): string => new Date(Date.UTC(2024, 0, 1 + (n % 700))).toISOString();
