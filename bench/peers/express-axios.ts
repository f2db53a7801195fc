import axios from 'axios';
import express from 'express';
import { Agent } from 'node:http';

/**
 * What most Node aggregators look like: Express and axios, connections kept alive. No schema, no deadline, no
 * breaker, no retry.
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

const http = axios.create({
  httpAgent: new Agent({ keepAlive: true }),
  timeout: DEADLINE_MS,
  // Whoever benchmarks behind a proxy would measure the proxy.
  proxy: false,
});
let requests = 0;

interface Fetched {
  readonly data: unknown;
  readonly report: { status: 'fresh'; elapsedMs: number; attempts: 1 };
}

async function fetchJson(url: string, startedAt: number): Promise<Fetched> {
  const { data } = await http.get<unknown>(url);
  const elapsedMs = Math.round(performance.now() - startedAt);
  return { data, report: { status: 'fresh', elapsedMs, attempts: 1 } };
}

const app = express();

// Express 5 hands a rejection to its error handler.
// oxlint-disable-next-line oxc/no-async-endpoint-handlers
app.get('/dashboard/:userId', async (request, response) => {
  const startedAt = performance.now();
  const { userId } = request.params;
  const encoded = encodeURIComponent(userId);
  const [user, orders, recommendations] = await Promise.all([
    fetchJson(`${USER_SERVICE_URL}/users/${encoded}`, startedAt),
    fetchJson(`${ORDER_SERVICE_URL}/orders?user_id=${encoded}`, startedAt),
    fetchJson(`${RECOMMENDATION_SERVICE_URL}/recommendations/${encoded}`, startedAt),
  ]);
  response.json({
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
      requestId: `req-${(requests += 1).toString(36)}`,
      elapsedMs: Math.round(performance.now() - startedAt),
      deadlineMs: DEADLINE_MS,
    },
  });
});

app.listen(Number(environment('PORT')), environment('HOST'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
