import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'undici';

/**
 * No framework at all: `node:http` and undici, the least that Node can do for the same answer. It parses what the
 * sources say and stringifies the whole. No schema, no deadline, no breaker, no retry.
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
const PATH = '/dashboard/';

const dispatcher = new Agent({ keepAliveTimeout: 30_000 });
let requests = 0;

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

async function dashboard(encoded: string): Promise<unknown> {
  const startedAt = performance.now();
  const [user, orders, recommendations] = await Promise.all([
    fetchJson(`${USER_SERVICE_URL}/users/${encoded}`, startedAt),
    fetchJson(`${ORDER_SERVICE_URL}/orders?user_id=${encoded}`, startedAt),
    fetchJson(`${RECOMMENDATION_SERVICE_URL}/recommendations/${encoded}`, startedAt),
  ]);
  return {
    status: 'success',
    userId: decodeURIComponent(encoded),
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
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}

async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!url.startsWith(PATH)) return send(response, 404, { error: 'not found' });
  try {
    send(response, 200, await dashboard(url.slice(PATH.length)));
  } catch {
    send(response, 502, { error: 'bad gateway' });
  }
}

createServer((request_, response) => void answer(request_, response)).listen(
  Number(environment('PORT')),
  environment('HOST'),
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
