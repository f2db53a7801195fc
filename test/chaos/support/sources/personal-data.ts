import type { Lookup } from '../../../../demo/data.ts';
import type { SourceName } from '../../../../src/clients/sources.ts';

/**
 * What the sources say: every value of every section names its user, and one of them when it was said. So whose a
 * section is, and how old, can be read from the section itself.
 */

/** The user source knows nobody whose name begins like this. */
export const UNKNOWN = 'nobody';

/** @param saidAt in `Date.now()` ms */
type Say = (userId: string, saidAt: number) => unknown;

const SAYS: Readonly<Record<SourceName, Say>> = {
  user: (userId, saidAt) => ({
    id: userId,
    name: `name of ${userId}`,
    email: `mail of ${userId}`,
    plan: `${saidAt}`,
  }),
  orders: (userId, saidAt) =>
    numbers(userId).map((number) => ({
      id: `order ${number} of ${userId}`,
      status: `status of ${userId}`,
      totalCents: number,
      currency: 'EUR',
      placedAt: `${saidAt}`,
    })),
  recommendations: (userId, saidAt) =>
    numbers(userId).map((number) => ({
      productId: `product ${number} for ${userId}`,
      title: `title for ${userId}`,
      score: number / 4,
      reason: `${saidAt}`,
    })),
};

/** Of the source as it runs: what it adds that is not in the contract must never be seen. */
export const lookupOf =
  (source: SourceName): Lookup =>
  (userId) => {
    if (source === 'user' && userId.startsWith(UNKNOWN)) return undefined;
    const said = SAYS[source](userId, Date.now());
    return Array.isArray(said) ? said : { ...(said as object), passwordHash: 'never to be seen' };
  };

/** When the section was said, in `Date.now()` ms, and what was said then of that user. */
export function saidOf(
  source: SourceName,
  userId: string,
  data: unknown,
): { readonly saidAt: number; readonly whole: unknown } {
  const saidAt = Number(/"(?:plan|placedAt|reason)":"(\d+)"/.exec(JSON.stringify(data))?.[1]);
  return { saidAt, whole: SAYS[source](userId, saidAt) };
}

const numbers = (userId: string): readonly number[] =>
  Array.from({ length: 1 + (userId.length % 3) }, (_, index) => index + 1);
