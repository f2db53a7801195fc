import Fastify from 'fastify';
import { Agent, request } from 'undici';

/**
 * The bar: the same answer from a handler written by hand, with Fastify and undici and nothing else. It asks the
 * three sources at once, parses what they say and lets Fastify stringify the answer. No schema, no deadline, no
 * breaker, no retry: one source that fails or hangs fails or hangs the whole answer.
 */

function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const USER_SERVICE_URL = environment('USER_SERVICE_URL');
const ORDER_SERVICE_URL = environment('ORDER_SERVICE_URL');
const RECOMMENDATION_SERVICE_URL = environment('RECOMMENDATION_SERVICE_URL');

const DEADLINE_MS = 1500;

// As many connections a source as there are requests under way, like the service.
const dispatcher = new Agent({ keepAliveTimeout: 30_000 });

interface Fetched {
  readonly data: unknown;
  readonly report: { status: 'fresh'; elapsedMs: number; attempts: 1 };
}

async function fetchJson(url: string, startedAt: number): Promise<Fetched> {
  const { statusCode, body } = await request(url, { dispatcher });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`a source answered ${statusCode}`);
  }
  const data: unknown = await body.json();
  const elapsedMs = Math.round(performance.now() - startedAt);
  return { data, report: { status: 'fresh', elapsedMs, attempts: 1 } };
}

const app = Fastify({ logger: false });

app.get<{ Params: { userId: string } }>('/dashboard/:userId', async ({ params, id }) => {
  const startedAt = performance.now();
  const { userId } = params;
  const encoded = encodeURIComponent(userId);
  const [user, orders, recommendations] = await Promise.all([
    fetchJson(`${USER_SERVICE_URL}/users/${encoded}`, startedAt),
    fetchJson(`${ORDER_SERVICE_URL}/orders?user_id=${encoded}`, startedAt),
    fetchJson(`${RECOMMENDATION_SERVICE_URL}/recommendations/${encoded}`, startedAt),
  ]);
  return {
    status: 'success',
    userId,
    data: { user: user.data, orders: orders.data, recommendations: recommendations.data },
    missing: [],
    stale: [],
    sources: {
      user: user.report,
      orders: orders.report,
      recommendations: recommendations.report,
    },
    meta: {
      requestId: id,
      elapsedMs: Math.round(performance.now() - startedAt),
      deadlineMs: DEADLINE_MS,
    },
  };
});

await app.listen({ host: environment('HOST'), port: Number(environment('PORT')) });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
