import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES, type SourceUrls } from '../bodies.ts';

/**
 * Sources that can carry so much and no more, in a process of their own: each has `workers` and every answer takes one
 * of them for `serviceMs`; who comes meanwhile waits in line, for as long as it takes. Says where they listen.
 */

const serviceMs = Number(process.env['SERVICE_MS']);
const workers = Number(process.env['WORKERS']);

async function listen(name: keyof SourceUrls): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(BODIES[name]));
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  const line: ServerResponse[] = [];
  let first = 0;
  let busy = 0;
  const next = (): void => {
    while (busy < workers && first < line.length) {
      const response = line[first];
      first += 1;
      // Whoever has hung up costs nothing.
      if (response === undefined || response.destroyed) continue;
      busy += 1;
      setTimeout(() => {
        busy -= 1;
        response.writeHead(200, headers).end(bytes);
        next();
      }, serviceMs);
    }
    if (first === line.length) first = line.length = 0;
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
    line.push(response);
    next();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 16_384, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

process.on('disconnect', () => process.exit(0));
process.send?.({
  user: await listen('user'),
  orders: await listen('orders'),
  recommendations: await listen('recommendations'),
} satisfies SourceUrls);
