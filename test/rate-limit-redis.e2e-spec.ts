import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { REDIS } from '../src/redis/redis.ts';
import { onlyIf } from './support/programs.ts';
import { isRedisInstalled, NotRedis, RedisServer } from './support/redis-server.ts';
import { QUIET, TestService, until, type Response } from './support/service.ts';

/** Replicas limit a caller together through a real Redis, and what becomes of it fails no request. */

const itWithRedis = onlyIf(isRedisInstalled, 'rate-limit-redis.e2e-spec.ts: no redis-server');

const LIMITED = { ...QUIET, RATE_LIMIT_RPS: '1', RATE_LIMIT_BURST: '10' };

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).toReversed()) await one.stop();
});

function stopAfterwards<T extends { stop(): Promise<void> }>(one: T): T {
  started.push(one);
  return one;
}

const replica = async (url: string): Promise<TestService> =>
  stopAfterwards(await TestService.start({ ...LIMITED, REDIS_URL: url }));

const connected = (...services: readonly TestService[]): Promise<void> =>
  until(
    () => services.every(({ app }) => app.nest.get<Redis>(REDIS).status === 'ready'),
    'they are connected to Redis',
    15_000,
  );

/** How many of so many requests were granted; the others were refused and nothing else. */
async function granted(times: number, ...services: readonly TestService[]): Promise<number> {
  const answers: Response[] = [];
  for (let at = 0; at < times; at += 1)
    for (const service of services) answers.push(await service.request('/dashboard/42'));
  for (const { status } of answers) expect([200, 429]).toContain(status);
  return answers.filter(({ status }) => status === 200).length;
}

describe('with Redis', () => {
  itWithRedis('two replicas grant a caller one burst between them', async () => {
    const server = stopAfterwards(await RedisServer.start());
    const [one, other] = [await replica(server.url), await replica(server.url)];
    await connected(one, other);
    const first = await one.request('/dashboard/42');
    expect(first.headers.ratelimit).toBe('"caller";r=9;t=1');
    const second = await other.request('/dashboard/42');
    expect(second.headers.ratelimit).toMatch(/^"caller";r=8;t=[12]$/);
    const more = await granted(10, one, other);
    expect(more).toBeGreaterThanOrEqual(8);
    expect(more).toBeLessThanOrEqual(12);
    const refused = await other.request('/dashboard/42');
    if (refused.status === 429) expect(refused.headers['retry-after']).toBe('1');
  });

  itWithRedis('who asked is not to be seen there, and goes with time', async () => {
    const server = stopAfterwards(await RedisServer.start());
    const one = await replica(server.url);
    await connected(one);
    await one.request('/dashboard/42');
    const client = new Redis(server.url);
    const keys = await client.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^tributary:rate:[\w-]{43}$/)]);
    const leftMs = await client.pttl(keys[0] ?? '');
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(1_000);
    client.disconnect();
  });

  itWithRedis(
    'when it dies each limits by itself, and together again when it is back',
    async () => {
      const server = await RedisServer.start();
      const one = await replica(server.url);
      await connected(one);
      await granted(20, one);
      await server.stop();
      const alone = await granted(20, one);
      expect(alone).toBeGreaterThanOrEqual(10);
      expect(alone).toBeLessThanOrEqual(14);
      const next = stopAfterwards(await RedisServer.start(server.port));
      await connected(one);
      const client = new Redis(next.url);
      await until(() => client.status === 'ready', 'the test is connected');
      // The second after a failure it is left alone.
      let keys: readonly string[] = [];
      for (let look = 0; look < 200 && keys.length === 0; look += 1) {
        await one.request('/dashboard/42');
        await new Promise((resolve) => setTimeout(resolve, 20));
        keys = await client.keys('*');
      }
      client.disconnect();
      expect(keys).toHaveLength(1);
    },
    30_000,
  );

  itWithRedis('one that hangs costs a moment once, not a request', async () => {
    const server = stopAfterwards(await RedisServer.start());
    const one = await replica(server.url);
    await connected(one);
    server.signal('SIGSTOP');
    const response = await one.request('/dashboard/42');
    server.signal('SIGCONT');
    expect(response.status).toBe(200);
    // The client itself would wait for a second.
    expect(response.elapsedMs).toBeLessThan(900);
  });
});

describe('without Redis behind REDIS_URL', () => {
  it('something that is not Redis fails nothing', async () => {
    const impostor = stopAfterwards(
      await NotRedis.start((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const one = await replica(impostor.url);
    expect(await granted(20, one)).toBeGreaterThanOrEqual(10);
  });

  it('nobody there fails nothing, and the limit holds', async () => {
    const one = await replica('redis://127.0.0.1:1');
    const count = await granted(20, one);
    expect(count).toBeGreaterThanOrEqual(10);
    expect(count).toBeLessThanOrEqual(14);
  });
});
