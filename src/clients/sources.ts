import { OrderClient } from './order/order.client.ts';
import { RecommendationClient } from './recommendation/recommendation.client.ts';
import type { SourceClientClass } from './source.ts';
import { UserClient } from './user/user.client.ts';

/** THE list of sources, in the order of the answer. A line here is all that the rest of the service needs. */
export const SOURCES = [
  UserClient,
  OrderClient,
  RecommendationClient,
] as const satisfies readonly SourceClientClass[];

export type SourceName = (typeof SOURCES)[number]['source']['name'];

export const SOURCE_NAMES: readonly SourceName[] = SOURCES.map(({ source }) => source.name);
