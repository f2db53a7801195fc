import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES, type SourceUrls } from '../bodies.ts';

/**
 * Sources that answer after a known time, in a process of their own. A timer is never quite on time, so they note how
 * long they really took, and the slowest of the three for every user; asked for, they say so and forget. They say
 * where they listen first.
 */

/** How long each source takes to answer, in ms; from the environment, as JSON. */
export type Delays = Readonly<Record<keyof SourceUrls, number>>;

/** For every user by number, how long the slowest of the sources took, in ms. */
export type SlowestMs = Readonly<Record<string, number>>;

const delays = JSON.parse(process.env['DELAYS'] ?? '') as Delays;
const slowestMs = new Map<string, number>();

function note(url: string, tookMs: number): void {
  const user = /\d+$/.exec(url)?.[0];
  if (user !== undefined) slowestMs.set(user, Math.max(tookMs, slowestMs.get(user) ?? 0));
}

function answering(name: keyof SourceUrls): RequestListener {
  const bytes = Buffer.from(JSON.stringify(BODIES[name]));
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  return ({ url = '' }, response) => {
    const askedAt = performance.now();
    const answer = (): void => {
      response.writeHead(200, headers).end(bytes);
      note(url, performance.now() - askedAt);
    };
    if (delays[name] === 0) answer();
    else setTimeout(answer, delays[name]);
  };
}

async function listen(name: keyof SourceUrls): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, answering(name));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const urls: SourceUrls = {
  user: await listen('user'),
  orders: await listen('orders'),
  recommendations: await listen('recommendations'),
};

process.on('disconnect', () => process.exit(0));
process.on('message', () => {
  process.send?.(Object.fromEntries(slowestMs) satisfies SlowestMs);
  slowestMs.clear();
});
process.send?.(urls);
