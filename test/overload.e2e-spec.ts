import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ProblemSchema } from '../src/http/problem/problem.ts';
import { answerOf, problemOf, QUIET, TestService, until } from './support/service.ts';

/** More than the service can do: turned away at the door, quickly and politely, and only dashboards. */

let service: TestService;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.stop();
});

const inFlight = (): number => service.app.admission.inFlight;

/** So many dashboards under way, held by sources that hang. */
async function hold(count: number, path = '/dashboard/41'): Promise<Promise<unknown>[]> {
  service.script({
    user: { badAnswer: 'hang' },
    orders: { badAnswer: 'hang' },
    recommendations: { badAnswer: 'hang' },
  });
  const held = Array.from({ length: count }, () => service.request(path));
  const { counts } = service.sources.user;
  await until(() => inFlight() === count && counts.inFlight === count, `${count} are in flight`);
  return held;
}

/** A caller of its own connection, who says so much and no more. */
async function caller(text: string): Promise<Socket> {
  const socket = connect(service.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return socket;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** The event loop does nothing else for so long. */
function block(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

describe('above MAX_IN_FLIGHT', () => {
  it('a dashboard is a problem at once, no source is asked, and the next one is served when one has left', async () => {
    service = await TestService.start({ ...QUIET, MAX_IN_FLIGHT: '20' });
    await service.request('/dashboard/41');
    const held = await hold(20);
    // From the seventeenth on only the user service is asked.
    await until(() => service.asked === 3 * 16 + 4, 'the sources are asked');
    const asked = service.asked;

    const responses = await Promise.all(
      Array.from({ length: 20 }, () => service.request('/dashboard/42?include=user')),
    );

    for (const { status, headers, text } of responses) {
      expect(status).toBe(503);
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'private, no-store',
        'x-content-type-options': 'nosniff',
        'retry-after': expect.stringMatching(/^[123]$/),
      });
      expect(ProblemSchema.parse(JSON.parse(text))).toMatchObject({
        type: '/problems/overloaded',
        status: 503,
        instance: '/dashboard/42',
        requestId: headers['x-request-id'],
      });
    }
    // The quickest of them: the machine may be busy, the service is not.
    expect(Math.min(...responses.map(({ elapsedMs }) => elapsedMs))).toBeLessThan(50);
    expect(service.asked).toBe(asked);
    expect(inFlight()).toBe(20);

    await Promise.all(held);
    await until(() => inFlight() === 0, 'all have left');
    service.script();
    expect((await service.request('/dashboard/42')).status).toBe(200);
  });

  it('everything else is served: probes, documents, wrong methods, unknown paths', async () => {
    service = await TestService.start({ ...QUIET, MAX_IN_FLIGHT: '1' });
    const held = await hold(1);

    const statusOf = async (path: string, method = 'GET'): Promise<number> =>
      (await service.request(path, { method })).status;
    expect(await statusOf('/dashboard/41')).toBe(503);
    expect(await statusOf('/dashboard/41', 'HEAD')).toBe(503);
    expect(await statusOf('/health/live')).toBe(200);
    expect(await statusOf('/health/ready')).toBe(200);
    expect(await statusOf('/docs')).toBe(200);
    expect(await statusOf('/openapi.json')).toBe(200);
    expect(await statusOf('/dashboard/41', 'POST')).toBe(405);
    expect(await statusOf('/dashboard/41', 'OPTIONS')).toBe(204);
    expect(await statusOf('/nowhere')).toBe(404);
    await Promise.all(held);
  });

  it('whoever is answered, refused, found wrong or gone has left, exactly once', async () => {
    service = await TestService.start(QUIET);
    service.script({ orders: { badAnswer: 'hang' } });

    await service.request('/dashboard/41?include=user');
    await service.request('/dashboard/41?include=user', { method: 'HEAD' });
    expect((await service.request('/dashboard/41?include=nobody')).status).toBe(400);
    expect((await service.request('/dashboard/nobody?include=user')).status).toBe(404);
    await service.request('/dashboard/41?include=orders', {
      headers: { 'x-request-timeout-ms': '100' },
    });
    await until(() => inFlight() === 0, 'all have left');

    const gone = await Promise.all(
      Array.from({ length: 10 }, () => caller(get('/dashboard/41?include=orders'))),
    );
    await until(() => inFlight() === 10, 'ten are in flight');
    for (const socket of gone) socket.destroy();
    await until(() => inFlight() === 0, 'they have left with their connections');

    // The second of them has no socket of its own yet when the caller leaves.
    const two = await caller(get('/dashboard/41?include=orders').repeat(2));
    await until(() => inFlight() === 2, 'two of one connection are in flight');
    two.destroy();
    await until(() => inFlight() === 0, 'both have left with it');

    const pipelining = await caller(get('/dashboard/41?include=user').repeat(30));
    let text = '';
    pipelining.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until(() => text.split('HTTP/1.1 200').length === 31, 'thirty answers');
    await until(() => inFlight() === 0, 'all thirty have left, once');
    expect(service.held.every((held) => held === 0)).toBe(true);
  });
});

describe('from 80 % of it on', () => {
  it('what is not required is skipped, what is required is asked', async () => {
    service = await TestService.start({ ...QUIET, MAX_IN_FLIGHT: '10', EXPLAIN: 'on' });
    const held = await hold(8);
    service.script();

    const none = answerOf(await service.request('/dashboard/42?explain=true'));
    expect(none.data).toMatchObject({ user: { id: '42' }, orders: null, recommendations: null });
    expect(none.missing).toEqual(['orders', 'recommendations']);
    expect(none.sources.orders).toMatchObject({ reason: 'skipped', retryable: true, attempts: 0 });
    expect(none.meta.plan?.orders?.attempts).toEqual([]);

    const some = answerOf(await service.request('/dashboard/42?require=orders'));
    expect(some.missing).toEqual(['user', 'recommendations']);

    const one = answerOf(await service.request('/dashboard/42?include=recommendations'));
    expect(one.status).toBe('success');
    expect(service.asked).toBe(3);

    await Promise.all(held);
    await until(() => inFlight() === 0, 'all have left');
    expect(answerOf(await service.request('/dashboard/42')).status).toBe('success');
  });

  it('a problem is a 503 when the one that was asked did not come either', async () => {
    service = await TestService.start({ ...QUIET, MAX_IN_FLIGHT: '10' });
    const held = await hold(8);

    const response = await service.request('/dashboard/42');
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(problemOf(response).sources).toMatchObject({
      user: { reason: 'timeout' },
      orders: { reason: 'skipped' },
      recommendations: { reason: 'skipped' },
    });
    await Promise.all(held);
  });
});

describe('with a late event loop', () => {
  it('dashboards are shed, probes are not, and a second later all is well', async () => {
    service = await TestService.start({ ...QUIET, MAX_EVENT_LOOP_DELAY_MS: '200' });
    const reasons: string[] = [];
    service.app.admission.onShed((reason) => reasons.push(reason));
    expect((await service.request('/dashboard/41')).status).toBe(200);

    block(900);
    const [shed, live] = await Promise.all([
      service.request('/dashboard/41'),
      service.request('/health/live'),
    ]);
    expect(problemOf(shed)).toMatchObject({ status: 503, type: '/problems/overloaded' });
    expect(live.status).toBe(200);
    expect(reasons).toEqual(['event_loop']);
    expect(inFlight()).toBe(0);

    // Loud machines may take longer than the second it takes.
    const giveUpAt = performance.now() + 5_000;
    let status = 503;
    while (status === 503 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ status } = await service.request('/dashboard/41'));
    }
    expect(status).toBe(200);
  });
});

describe('readiness', () => {
  it('says shedding after more than 100 sheds, while liveness stays', async () => {
    service = await TestService.start({ ...QUIET, MAX_IN_FLIGHT: '0' });
    const shed = async (count: number): Promise<void> => {
      await Promise.all(Array.from({ length: count }, () => service.request('/dashboard/41')));
    };
    await shed(100);
    expect((await service.request('/health/ready')).status).toBe(200);
    await shed(1);

    const ready = await service.request('/health/ready');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({
      status: 'error',
      error: { process: { status: 'down', message: 'shedding' } },
    });
    expect((await service.request('/health/live')).status).toBe(200);
  });
});
