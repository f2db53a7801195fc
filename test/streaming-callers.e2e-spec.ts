import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HeldService, PATH, RECOMMENDATIONS, USER } from './support/held-service.ts';
import { problemOf, until } from './support/service.ts';
import { NDJSON, outcomes, SSE } from './support/stream-reader.ts';

/** Those who read streams: many, slow, leaving. */

let held: HeldService;
beforeAll(async () => {
  held = await HeldService.start({
    RECOMMENDATION_SERVICE_MAX_CONCURRENT: '1000',
    ORDER_SERVICE_MAX_RESPONSE_BYTES: '33554432',
    USER_SERVICE_STALE_MS: '60000',
  });
});
afterAll(() => held.stop());
afterEach(async () => {
  await held.settle();
  // No caller's coming and going is worth a line.
  expect(held.said.splice(0)).toEqual([]);
});

it('HEAD is answered with the first section, without it, and asks nothing more', async () => {
  const asking = held.ask(PATH, SSE, 'HEAD');
  await held.orders.holds();
  await held.user.answer(USER);
  const { status, headers, text } = await asking;
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    vary: 'Accept',
  });
  expect(text).toBe('');
  await held.orders.isLeft();
});

describe('a caller who hangs up', () => {
  it('before the first section cancels every call', async () => {
    const request = http.get({
      host: '127.0.0.1',
      port: held.inner.port,
      path: PATH,
      agent: false,
      headers: { accept: SSE },
    });
    request.on('error', () => undefined);
    await held.holds();
    request.destroy();
    for (const source of held.sources) await source.isLeft();
  });

  it.each([SSE, NDJSON])('after it cancels those that are under way: %s', async (accept) => {
    const opening = held.open(PATH, accept);
    await held.user.answer(USER);
    const stream = await opening;
    await stream.next();
    await Promise.all([held.orders.holds(), held.recommendations.holds()]);
    stream.leave();
    await held.orders.isLeft();
    await held.recommendations.isLeft();
  });

  it('cancels streams that wait for their turn on his connection as well', async () => {
    const socket = net.connect(held.inner.port, '127.0.0.1');
    const request = `GET ${PATH} HTTP/1.1\r\nHost: x\r\nAccept: ${SSE}\r\n\r\n`;
    socket.on('error', () => undefined).write(request.repeat(3));
    await held.holds(3);
    await held.user.answer(USER);
    await once(socket, 'data');
    socket.destroy();
    await held.orders.isLeft(3);
    await held.recommendations.isLeft(3);
  });
});

it('200 at once: each has its first section while another source holds all of them', async () => {
  const opening = Promise.all(
    Array.from({ length: 200 }, (_, at) => held.open(PATH, at % 2 === 0 ? SSE : NDJSON)),
  );
  await held.holds(200);
  await held.user.answer(USER);
  const streams = await opening;
  for (const stream of streams)
    expect((await stream.next()).data).toMatchObject({ source: 'user', data: USER });
  await held.orders.answer([]);
  for (const stream of streams)
    expect((await stream.next()).data).toMatchObject({ source: 'orders', data: [] });
  await held.recommendations.answer(RECOMMENDATIONS);
  for (const stream of streams)
    expect(outcomes(await stream.rest())).toEqual(['recommendations fresh', 'complete']);
});

describe('a caller who takes nothing', () => {
  const ORDER = {
    id: 'o',
    status: 'x'.repeat(1_000),
    totalCents: 1,
    currency: 'EUR',
    placedAt: '',
  };
  /** More than the kernel keeps for anybody. */
  const ORDERS = Array.from({ length: 25_000 }, () => ORDER);

  it('keeps no call waiting, and is gone when he has taken nothing for a while', async () => {
    const socket = net.connect(held.inner.port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: x\r\nAccept: ${SSE}\r\n\r\n`);
    await held.user.answer(USER);
    await held.orders.answer(ORDERS);
    await held.recommendations.answer(RECOMMENDATIONS);
    await held.landed(0);
    const { connections, admission } = held.inner.app;
    expect([connections.busy, admission.inFlight]).toEqual([1, 1]);

    const look = setInterval(() => connections.closeStuck(), 50);
    await until(() => connections.busy === 0 && admission.inFlight === 0, 'he is gone');
    clearInterval(look);
    socket.destroy();
  });
});

it('a remembered section says how old it is and why', async () => {
  const opening = held.open('/dashboard/41?include=user', SSE);
  await held.user.answer(USER);
  await (await opening).rest();

  const again = held.open('/dashboard/41?include=user', SSE);
  await held.user.fail();
  const [section, complete] = await (await again).rest();
  expect(section?.data).toEqual({
    source: 'user',
    status: 'stale',
    data: USER,
    reason: 'upstream_error',
    ageMs: expect.any(Number),
    elapsedMs: expect.any(Number),
  });
  expect(complete?.data).toMatchObject({ status: 'partial_success', stale: ['user'], missing: [] });
});

it('while it drains, a stream says that its connection will be closed', async () => {
  const draining = await HeldService.start();
  const opening = draining.open('/dashboard/41?include=user', SSE, { connection: 'keep-alive' });
  await draining.user.holds();
  draining.inner.app.lifecycle.drain();
  await draining.user.answer(USER);
  const stream = await opening;
  expect(stream.headers.connection).toBe('close');
  expect(outcomes(await stream.rest())).toEqual(['user fresh', 'complete']);
  await draining.stop();
});

it.each([SSE, NDJSON])('who is shed is told so by a plain problem: %s', async (accept) => {
  const full = await HeldService.start({ MAX_IN_FLIGHT: '0' });
  const response = await full.ask(PATH, accept);
  expect(response.status).toBe(503);
  expect(problemOf(response).type).toBe('/problems/overloaded');
  expect(response.headers).toMatchObject({ vary: 'Accept', 'retry-after': expect.any(String) });
  await full.stop();
});
