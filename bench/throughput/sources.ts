import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES, type SourceUrls } from '../bodies.ts';

/**
 * The three sources, in one process of their own: they answer at once, with fixed bytes built beforehand, so that
 * what is measured is the aggregator and not them. Says where they listen (`SourceUrls`), answers every other
 * message with how many requests reached them so far, and leaves with the process that started it.
 */

/** What the sources say when asked: requests served since their start, all three together. */
export interface Served {
  readonly served: number;
}

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
