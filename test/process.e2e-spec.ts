import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DATA } from '../demo/data.ts';
import { DemoSource } from '../demo/demo-source.ts';
import { NO_FAULTS, type Faults } from '../demo/faults.ts';
import { SOURCES } from '../src/clients/sources.ts';
import { exchange } from './support/raw-client.ts';
import { ServiceProcess } from './support/service-process.ts';
import { get, keeping, leave, refused, type Answer } from './support/process-calls.ts';
import { until } from './support/service.ts';

/** The process as operators meet it: how it starts, how it refuses to, and how it leaves. */

const source = new DemoSource('all', DATA.user);
let running: ServiceProcess | undefined;

beforeAll(async () => {
  await source.listen();
}, 120_000);
afterAll(() => source.close());
afterEach(async () => {
  await running?.kill();
  running = undefined;
});

const urls = (): Record<string, string> =>
  Object.fromEntries(SOURCES.map(({ source: { envPrefix } }) => [`${envPrefix}_URL`, source.url]));

async function start(
  env: Record<string, string> = {},
  faults: Partial<Faults> = {},
): Promise<[ServiceProcess, number]> {
  source.faults = { ...NO_FAULTS, ...faults };
  source.counts.requests = 0;
  running = new ServiceProcess({ ...urls(), ...env });
  return [running, await running.port()];
}

describe('starting', () => {
  it('with a bad configuration it says all that is wrong, keeps secrets, listens nowhere, and exits 78', async () => {
    running = new ServiceProcess({
      USER_SERVICE_URL: 'http://admin:hunter2@user:1',
      PORT: 'eighty',
      DEADLINE_MS: '-1',
      TRANSPORT: 'pigeon',
      SOURCE_BREAKER_FAILURE_RATIO: '2',
    });
    expect(await running.exitCode()).toBe(78);
    for (const line of [
      'USER_SERVICE_URL=***@user:1 must not contain a user or a password',
      'ORDER_SERVICE_URL is not set',
      'RECOMMENDATION_SERVICE_URL is not set',
      'PORT=eighty must be a whole number from 0 to 65535',
      'DEADLINE_MS=-1 must be a whole number from 1 to 600000',
      'TRANSPORT=pigeon must be one of undici, axios',
      'SOURCE_BREAKER_FAILURE_RATIO=2 must be a number from 0 to 1',
    ])
      expect(running.output).toContain(line);
    expect(running.output).not.toContain('hunter2');
    expect(running.output).not.toContain('listening');
  });

  it('on a port that is taken it says so and exits', async () => {
    running = new ServiceProcess({ ...urls(), PORT: new URL(source.url).port });
    expect(await running.exitCode()).toBe(1);
    expect(running.output).toContain('EADDRINUSE');
  });

  it('all it prints is its log: V8 takes the flag that is set', async () => {
    await start();
    const printed = (running?.output ?? '').trim().split('\n');
    expect(printed.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('listening');
  });

  it('it serves the console as it was compiled', async () => {
    await start();
    const port = (await running?.managementPort()) ?? 0;
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(await page.text()).toContain('assets/page/main.js');
    const main = await fetch(`http://127.0.0.1:${port}/assets/page/main.js`);
    expect(await main.text()).toContain('./overview.js');
    expect((await get(port, '/assets/page/style/console.css')).status).toBe(200);
    expect((await get(port, '/assets/page/vendor/uplot.js')).status).toBe(200);
  });

  it('with sources that are not up it is ready all the same', async () => {
    const [, port] = await start({ USER_SERVICE_URL: 'http://127.0.0.1:1' });
    expect((await get(port, '/health/ready')).status).toBe(200);
  });
});

it.each(['undici', 'axios'])('over %s no proxy of the environment is used', async (TRANSPORT) => {
  const proxy = 'http://127.0.0.1:1';
  const [, port] = await start({
    TRANSPORT,
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
  });
  expect((await get(port, '/dashboard/41?include=user')).status).toBe(200);
  expect(source.counts.requests).toBe(1);
});

describe('SIGTERM', () => {
  it('drains: ready says 503 at once, live 200, all is served with Connection: close; then exit 0', async () => {
    const [service, port] = await start({ DRAIN_DELAY_MS: '1000' });
    const agent = keeping();
    const paths = ['/health/ready', '/health/live', '/dashboard/41?include=user'];
    const askAll = (): Promise<Answer[]> =>
      Promise.all(paths.map((path) => get(port, path, agent)));
    const kept = { status: 200, connection: 'keep-alive' };
    expect(await askAll()).toMatchObject([kept, kept, kept]);
    await leave(service, 'SIGTERM');

    const overKept = { connection: 'close', wasKept: true };
    expect(await askAll()).toEqual([
      { ...overKept, status: 503 },
      { ...overKept, status: 200 },
      { ...overKept, status: 200 },
    ]);
    const overNew = { connection: 'close', wasKept: false };
    expect(await askAll()).toEqual([
      { ...overNew, status: 503 },
      { ...overNew, status: 200 },
      { ...overNew, status: 200 },
    ]);
    expect(await service.exitCode()).toBe(0);
    await expect(get(port, '/health/live')).rejects.toThrow('ECONNREFUSED');
  });

  it('closes the port after the drain; what is in flight finishes, calls to the sources included; then exit 0', async () => {
    const [service, port] = await start({ DRAIN_DELAY_MS: '0' }, { latencyMs: 1000 });
    const asked = get(port, '/dashboard/41?include=user', keeping());
    await until(() => source.counts.requests === 1, 'the source is asked');
    await leave(service, 'SIGTERM');
    await expect(refused(port)).resolves.toBe('ECONNREFUSED');
    expect(await asked).toMatchObject({ status: 200, connection: 'close' });
    expect(await service.exitCode()).toBe(0);
  });

  it.each([
    ['served a request', 'GET /health/live HTTP/1.1\r\nhost: tributary\r\n\r\n'],
    ['never carried one', ''],
  ])('closes idle connections: one that has %s', async (_, bytes) => {
    const [service, port] = await start({ DRAIN_DELAY_MS: '0' });
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    if (bytes !== '') {
      socket.write(bytes);
      await once(socket, 'data');
    }
    const closed = once(socket.resume(), 'close');
    service.signal('SIGTERM');
    await closed;
    expect(await service.exitCode()).toBe(0);
  });

  it.each(['300', '60000'])(
    'what has not sent a whole request has none in flight: exit 0, and soon (timeout %s ms)',
    async (SHUTDOWN_TIMEOUT_MS) => {
      const [service, port] = await start({ DRAIN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS });
      const head = 'GET /dashboard/41 HTTP/1.1\r\nHost: x\r\n';
      const halves = ['', head, `${head}Content-Length: 9\r\n\r\nhalf`].map((bytes) => {
        const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
        socket.write(bytes);
        return socket;
      });
      await Promise.all(halves.map((socket) => once(socket, 'connect')));
      expect((await get(port, '/health/live')).status).toBe(200);
      service.signal('SIGTERM');
      const leftAt = performance.now();
      expect(await service.exitCode()).toBe(0);
      expect(performance.now() - leftAt).toBeLessThan(5_000);
      expect(source.counts.requests).toBe(0);
      for (const socket of halves) socket.destroy();
    },
  );

  it('a request that is whole soon after is answered', async () => {
    const [service, port] = await start({ DRAIN_DELAY_MS: '0' });
    const head = 'GET /dashboard/41?include=user HTTP/1.1\r\nHost: x\r\n';
    const answered = exchange(port, [head, '\r\n'], { pauseMs: 500 });
    expect((await get(port, '/health/live')).status).toBe(200);
    service.signal('SIGTERM');
    expect((await answered).answers).toMatchObject([
      { status: 200, headers: { connection: 'close' } },
    ]);
    expect(await service.exitCode()).toBe(0);
  });

  it('cuts what takes longer than the timeout, and the exit code says so', async () => {
    const [service, port] = await start(
      { DRAIN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '200', DEADLINE_MS: '60000' },
      { badAnswer: 'hang' },
    );
    const asked = get(port, '/dashboard/41?include=user');
    asked.catch(() => undefined);
    await until(() => source.counts.requests === 1, 'the source is asked');
    service.signal('SIGTERM');
    await expect(asked).rejects.toThrow();
    expect(await service.exitCode()).toBe(1);
  });
});

describe('SIGINT', () => {
  it('leaves without the drain delay; what is in flight finishes; then exit 0', async () => {
    const [service, port] = await start({ DRAIN_DELAY_MS: '60000' }, { latencyMs: 1000 });
    const asked = get(port, '/dashboard/41?include=user', keeping());
    await until(() => source.counts.requests === 1, 'the source is asked');
    await leave(service, 'SIGINT');
    await expect(refused(port)).resolves.toBe('ECONNREFUSED');
    expect(await asked).toMatchObject({ status: 200, connection: 'close' });
    expect(await service.exitCode()).toBe(0);
  });

  it('and another within a few ms are one: Ctrl-C reaches an npm script from the terminal and from npm', async () => {
    // Short, as the kernel may deliver them in either order.
    const [service] = await start({ DRAIN_DELAY_MS: '300' });
    service.signal('SIGINT');
    // Not SIGINT again: the kernel would make one of the two.
    service.signal('SIGTERM');
    expect(await service.exitCode()).toBe(0);
  });
});

it.each(['SIGTERM', 'SIGINT'] as const)('a second signal, %s, leaves at once', async (second) => {
  const [service, port] = await start(
    { DRAIN_DELAY_MS: '60000', DEADLINE_MS: '60000' },
    { badAnswer: 'hang' },
  );
  const asked = get(port, '/dashboard/41?include=user');
  asked.catch(() => undefined);
  await until(() => source.counts.requests === 1, 'the source is asked');
  await leave(service, 'SIGTERM');
  // Closer together they would be one.
  await new Promise((resolve) => setTimeout(resolve, 100));
  service.signal(second);
  expect(await service.exitCode()).toBe(1);
  await expect(asked).rejects.toThrow();
});
