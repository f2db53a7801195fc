import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES } from '../bodies.ts';

/** A source that answers everybody after 200 ms, in a process of its own. Says where it listens. */

const AFTER_MS = 200;

const bytes = Buffer.from(JSON.stringify(BODIES.recommendations));
const headers = { 'content-type': 'application/json', 'content-length': bytes.length };

const server = createServer({ keepAliveTimeout: 120_000 }, (_request, response) => {
  setTimeout(() => response.writeHead(200, headers).end(bytes), AFTER_MS);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 32_768, resolve));
process.on('disconnect', () => process.exit(0));
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
