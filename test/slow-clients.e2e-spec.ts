import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Connections } from '../src/http/listener/connections.ts';
import { exchange } from './support/raw-client.ts';
import { TestService, until } from './support/service.ts';

/** Callers who send or take too slowly do not keep what they hold. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

type Slow = readonly [what: string, atOnce: string, slowly: string];
const LINES = 'X-Y: z\r\n'.repeat(20);
const HEADS: readonly Slow[] = [
  ['nothing', '', ''],
  ['a request line', '', `GET /dashboard/${'4'.repeat(100)}`],
  ['headers', 'GET /dashboard/41 HTTP/1.1\r\nHost: x\r\n', LINES],
  ['the headers of a probe', 'GET /health/live HTTP/1.1\r\nHost: x\r\n', LINES],
];
const SECOND: Slow = [
  'a second head',
  'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET ',
  `/${'x'.repeat(100)}`,
];
const LONG = 'Host: x\r\nContent-Length: 1000\r\n\r\n';
const CHUNKED = 'Host: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const BODIES: readonly Slow[] = [
  ['a body', `GET /dashboard/41 HTTP/1.1\r\n${LONG}`, 'x'.repeat(100)],
  ['the body of a probe', `GET /health/live HTTP/1.1\r\n${LONG}`, 'x'.repeat(100)],
  ['the body of a POST', `POST /dashboard/41 HTTP/1.1\r\n${LONG}`, 'x'.repeat(100)],
  ['chunks', `GET /health/ready HTTP/1.1\r\n${CHUNKED}`, '1\r\nx\r\n'.repeat(20)],
];

/** What is answered to who sends the rest a byte at a time, until he is gone. */
async function statusesFor(
  [what, atOnce, slowly]: Slow,
  withinMs: number,
): Promise<[string, boolean, ...number[]]> {
  const patience = { pauseMs: 150, quietMs: 60_000, withinMs };
  const { answers, isClosed } = await exchange(service.port, [atOnce, ...slowly], patience);
  return [what, isClosed, ...answers.map(({ status }) => status)];
}

it('who trickles is told 408 and gone within 12 s, no source was asked, and others are served', async () => {
  const gone = Promise.all([
    ...HEADS.map((slow) => statusesFor(slow, 7_500)),
    statusesFor(SECOND, 7_500),
    ...BODIES.map((slow) => statusesFor(slow, 12_000)),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(service.app.connections.busy).toBe(0);
  expect((await service.request('/health/live')).status).toBe(200);
  expect(await gone).toEqual([
    ...HEADS.map(([what]) => [what, true, 408]),
    ['a second head', true, 200, 408],
    ...BODIES.map(([what]) => [what, true, 408]),
  ]);
  expect(service.asked).toBe(0);
}, 40_000);

describe('who does not take an answer', () => {
  const PIECE = Buffer.alloc(1_000_000);
  let server: Server;
  let connections: Connections;
  let written = 0;
  beforeEach(async () => {
    written = 0;
    // An answer without end, as fast as it is taken.
    server = createServer((_request, response) => {
      const more = (): void => {
        written += 1;
        if (response.write(PIECE)) setImmediate(more);
      };
      response.on('drain', more);
      more();
    });
    connections = new Connections(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Asks, and takes nothing until told to. */
  async function ask(): Promise<net.Socket> {
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await full();
    return socket;
  }

  /** Until every buffer on the way is full. */
  async function full(before = 0): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (written > before || written === 0) await full(written);
  }

  it('is gone when he has taken nothing between two looks', async () => {
    const socket = await ask();
    connections.closeStuck();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connections.busy).toBe(1);
    connections.closeStuck();
    await until(() => connections.busy === 0, 'it is closed');
    socket.destroy();
  });

  it('but not while he takes it, however slowly', async () => {
    const socket = await ask();
    for (let round = 0; round < 3; round += 1) {
      connections.closeStuck();
      const before = written;
      socket.resume();
      await until(() => written > before + 2, 'he takes some of it');
      socket.pause();
      await full();
    }
    connections.closeStuck();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connections.busy).toBe(1);
    socket.destroy();
  });
});
