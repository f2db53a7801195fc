import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventReader, type StreamEvent } from '../demo/page/ask/events.ts';
import { PageServer } from '../demo/page-server/page-server.ts';
import type { RunningService } from '../demo/sources.ts';
import { HeldService, USER } from './support/held-service.ts';

/** What serves the demo page: its files, the way to the service, and what it does to the sources. */

let held: HeldService;
let server: PageServer;

beforeEach(async () => {
  held = await HeldService.start();
  const { port, managementUrl: management, sources } = held.inner;
  const services = (['user', 'orders'] as const).map((name): RunningService => {
    const source = sources[name];
    return { name, envPrefix: '', urls: [source.url], sources: [source] };
  });
  server = new PageServer(services, { service: `http://127.0.0.1:${port}`, management, port: 0 });
  server.traffic.isOn = false;
  await server.listen();
});
afterEach(async () => {
  await server.close();
  await held.stop();
});

const get = (path: string): Promise<Response> => fetch(new URL(path, server.url));
const put = async (path: string, body: unknown): Promise<number> =>
  (await fetch(new URL(path, server.url), { method: 'PUT', body: JSON.stringify(body) })).status;
const state = async () =>
  (await (await get('/state')).json()) as {
    services: { name: string; faults: unknown; instances: { isUp: boolean }[] }[];
    traffic: { isOn: boolean };
  };

describe('the page', () => {
  it('comes with all that it names, under a strict policy', async () => {
    const page = await get('/');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    for (const [, path = ''] of html.matchAll(/(?:href|src)="(\/[^"]+)"/g))
      expect([path, (await get(path)).status]).toEqual([path, 200]);
  });

  it.each(['/package.json', '/demo/demo.ts', '/demo/page/ask/events.spec.ts', '/nothing'])(
    'and nothing else: %s is not there',
    async (path) => expect((await get(path)).status).toBe(404),
  );
});

it('passes a stream on as it comes, and hangs up when the page does', async () => {
  const abort = new AbortController();
  const response = await Promise.all([
    fetch(new URL('/dashboard/41?include=user,orders', server.url), {
      headers: { accept: 'text/event-stream' },
      signal: abort.signal,
    }),
    held.user.answer(USER),
  ]).then(([answer]) => answer);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const events: StreamEvent[] = [];
  const parse = new EventReader();
  while (events.length === 0) events.push(...parse.read((await reader?.read())?.value ?? ''));
  expect(events).toMatchObject([{ event: 'section', data: { source: 'user', status: 'fresh' } }]);
  abort.abort();
  await held.orders.isLeft();
});

describe('a source', () => {
  it('goes wrong as told, keeps its pace where nothing is said of it, and is put right', async () => {
    const { orders } = held.inner.sources;
    expect(await put('/faults/orders', { errorRate: 0.5 })).toBe(204);
    expect(orders.faults).toMatchObject({ errorRate: 0.5, errorStatus: 500, latencyMs: 0 });
    expect((await state()).services).toMatchObject([
      { faults: {} },
      { faults: { errorRate: 0.5 } },
    ]);
    expect(await put('/faults/orders', {})).toBe(204);
    expect(orders.faults.errorRate).toBe(0);
  });

  it.each([
    ['/faults/orders', { errorRate: 2 }],
    ['/faults/orders', { latency: 1 }],
    ['/faults/orders', null],
    ['/faults/nobody', {}],
    ['/instances/orders/7', { isOn: false }],
    ['/somewhere', {}],
  ])('is left alone by PUT %s %j', async (path, body) => {
    expect(await put(path, body)).toBe(400);
    expect(held.inner.sources.orders.faults.errorRate).toBe(0);
  });

  it('is stopped and started where it was, as often as one likes', async () => {
    const { url } = held.inner.sources.orders;
    for (let round = 0; round < 2; round += 1) {
      expect(await put('/instances/orders/0', { isOn: false })).toBe(204);
      await expect(fetch(`${url}/health`)).rejects.toThrow();
      expect((await state()).services[1]?.instances).toMatchObject([{ isUp: false }]);
      expect(await put('/instances/orders/0', { isOn: true })).toBe(204);
      expect((await fetch(`${url}/health`)).status).toBe(200);
    }
  });
});

it('others ask only while the traffic is on and somebody looks', async () => {
  await state();
  expect(await put('/traffic', { isOn: true })).toBe(204);
  await held.user.holds(2);
  expect((await state()).traffic).toMatchObject({ isOn: true });
});
