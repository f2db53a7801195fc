import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { exchange } from './support/raw-client.ts';
import { expectAnswered, expectRefused, get, HOST } from './support/raw-http.ts';
import { QUIET, TestService } from './support/service.ts';

/** Nothing here takes a body. What is sent all the same is read, bounded, and thrown away. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start(QUIET);
});
afterAll(() => service.stop());
beforeEach(() => service.script());

const long = 'x'.repeat(20_000);
it.each<[string, string]>([
  ['GET', get('Content-Length: 20000\r\n') + long],
  ['a GET that only announces it', get('Content-Length: 99999999\r\n')],
  ['GET in chunks', `${get('Transfer-Encoding: chunked\r\n')}4e20\r\n${long}\r\n0\r\n\r\n`],
  ['POST', `POST /dashboard/41 HTTP/1.1\r\n${HOST}Content-Length: 20000\r\n\r\n${long}`],
  ['a probe', get('Content-Length: 20000\r\n', '/health/live') + long],
  ['an unknown path', `POST /nope HTTP/1.1\r\n${HOST}Content-Length: 20000\r\n\r\n${long}`],
  ['a client that would wait', get('Content-Length: 20000\r\nExpect: 100-continue\r\n')],
])('a body of more than 16 kB is a 413: %s', async (_what, bytes) => {
  await expectRefused(service, bytes, 413);
});

it('whoever is still sending megabytes hears of it all the same', async () => {
  const bytes = get('Content-Length: 6000000\r\n') + 'x'.repeat(6_000_000);
  const { answers, isReset } = await exchange(service.port, bytes);
  expect([answers.map(({ status }) => status), isReset]).toEqual([[413], false]);
});

it('a small one is read and thrown away, and the next request begins right behind it', async () => {
  const hidden = get('', '/dashboard/42');
  const chunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  for (const bytes of [
    get(`Content-Length: ${hidden.length}\r\n`) + hidden,
    get('Transfer-Encoding: chunked\r\n') + chunks,
  ]) {
    service.script();
    await expectAnswered(service, bytes + get('', '/health/live'), 200, 200);
    expect(service.sources.user.seen.map(({ url }) => url)).toEqual(['/users/41']);
  }
});

it('nothing is asked before all of it has come, and the deadline runs from then on', async () => {
  const head = get('Content-Length: 4\r\nX-Request-Timeout-Ms: 1000\r\n');
  const sent = exchange(service.port, [head, 'ab', 'cd'], { pauseMs: 600 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(service.asked).toBe(0);
  const { answers } = await sent;
  expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ status: 'success' });
});

it('one that breaks off disturbs nobody', async () => {
  const socket = net.connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${get('Content-Length: 4\r\n')}ab`);
  await expectAnswered(service, get('', '/health/live'), 200);
  socket.resetAndDestroy();
  await expectAnswered(service, get(), 200);
  expect(service.asked).toBe(3);
});

it.each(['POST', 'PUT', 'DELETE', 'QUERY', 'TRACE'])(
  'what it holds does not matter to a wrong method or an unknown path: %s',
  async (method) => {
    const body = `Content-Type: application/json\r\nContent-Length: 24\r\n\r\n{"__proto__":{"x":true}}`;
    await expectAnswered(service, `${method} /dashboard/41 HTTP/1.1\r\n${HOST}${body}`, 405);
    await expectAnswered(service, `${method} /nope HTTP/1.1\r\n${HOST}${body}`, 404);
    await expectAnswered(service, `${method} /nope HTTP/1.1\r\n${HOST}\r\n`, 404);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(service.asked).toBe(0);
  },
);
