import { afterEach, describe, expect } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { DATA } from '../../demo/data.ts';
import { DemoSource } from '../../demo/demo-source.ts';
import { NO_FAULTS, type Faults } from '../../demo/faults.ts';
import { SOURCE_NAMES } from '../../src/clients/sources.ts';
import type { DashboardAnswer } from '../../src/dashboard/contract/dashboard.contract.ts';
import { connectRedis } from '../../src/redis/redis.client.ts';
import { onlyIf } from '../support/programs.ts';
import { isRedisInstalled, RedisServer } from '../support/redis-server.ts';
import {
  all,
  BROKEN,
  connected,
  expectAllGood,
  expectUnimpressed,
  isConnected,
  pause,
  replica,
  stopAfterwards,
  stopAll,
  whileAsking,
} from '../support/replicas.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { answerOf, until } from '../support/service.ts';

/** Replicas share their last good answers through a real Redis, and what becomes of it costs no answer anything. */

const itWithRedis = onlyIf(isRedisInstalled, 'redis-server is not installed');

afterEach(stopAll);

const redisServer = async (port = 0, ...args: string[]): Promise<RedisServer> =>
  stopAfterwards(await RedisServer.start(port, ...args));

/** What is in Redis, once there is as much as expected. */
async function keysIn(server: RedisServer, expected: number): Promise<string[]> {
  const client = new Redis(server.url);
  let keys: string[] = [];
  for (let look = 0; look < 500 && keys.length !== expected; look += 1) {
    keys = await client.keys('*');
    await pause(5);
  }
  client.disconnect();
  expect(keys).toHaveLength(expected);
  return keys;
}

async function twoReplicas(env: Readonly<Record<string, string>> = {}) {
  const server = await redisServer();
  const [one, other] = [await replica(server.url, env), await replica(server.url, env)];
  await connected(one, other);
  return { server, one, other };
}

describe('with Redis, a replica', () => {
  itWithRedis.each<[string, Partial<Faults>]>([
    ['upstream_error', BROKEN],
    ['timeout', { badAnswer: 'hang' }],
  ])('serves what another one has seen: %s', async (reason, faults) => {
    const { server, one, other } = await twoReplicas({ DEADLINE_MS: '800' });
    const before = await one.request('/dashboard/41');
    await keysIn(server, 3);
    other.script(all(faults));
    let response = await other.request('/dashboard/41');
    // At a deadline there is only what came a moment before it: a busy machine may need another try.
    for (let more = 0; more < 3 && response.status !== 200; more += 1)
      response = await other.request('/dashboard/41');
    expect(response.status).toBe(200);
    const { data, stale, sources } = answerOf(response);
    expect(stale).toEqual(SOURCE_NAMES);
    expect(data).toEqual(answerOf(before).data);
    for (const report of Object.values(sources))
      expect(report).toMatchObject({ status: 'stale', reason, ageMs: expect.any(Number) });
    // Another user has nothing of it.
    expect((await other.request('/dashboard/42')).status).toBeGreaterThanOrEqual(500);
  });

  itWithRedis('serves what another one has seen where it knows no instance itself', async () => {
    const server = await redisServer();
    const urls = ['USER', 'ORDER', 'RECOMMENDATION'].map((name) => `${name}_SERVICE_URL`);
    const nowhere = Object.fromEntries(urls.map((name) => [name, 'file:///nowhere/at/all.json']));
    const [one, lost] = [await replica(server.url), await replica(server.url, nowhere)];
    await connected(one, lost);
    await one.request('/dashboard/41');
    await keysIn(server, 3);
    const { stale, sources } = answerOf(await lost.request('/dashboard/41'));
    expect(stale).toEqual(SOURCE_NAMES);
    for (const report of Object.values(sources))
      expect(report).toMatchObject({ status: 'stale', reason: 'no_instance', attempts: 0 });
  });

  itWithRedis(
    'in a process of its own serves what another process has seen',
    async () => {
      const [server, source] = [await redisServer(), new DemoSource('user', DATA.user)];
      await source.listen();
      stopAfterwards({ stop: () => source.close() });
      const start = async (): Promise<number> => {
        const service = new ServiceProcess({
          REDIS_URL: server.url,
          USER_SERVICE_URL: source.url,
          ORDER_SERVICE_URL: source.url,
          RECOMMENDATION_SERVICE_URL: source.url,
        });
        stopAfterwards({ stop: () => service.kill() });
        return service.port();
      };
      const ask = async (port: number): Promise<DashboardAnswer> => {
        const response = await fetch(`http://127.0.0.1:${port}/dashboard/41?include=user`);
        return (await response.json()) as DashboardAnswer;
      };
      const seen = await ask(await start());
      expect(seen.status).toBe('success');
      await keysIn(server, 1);
      const other = await start();
      source.faults = { ...NO_FAULTS, errorRate: 1 };
      // Connected a moment after it listens.
      let answer = await ask(other);
      for (let times = 0; times < 100 && answer.data?.user === undefined; times += 1) {
        await pause(50);
        answer = await ask(other);
      }
      expect(answer.data.user).toEqual(seen.data.user);
      expect(answer.sources.user).toMatchObject({ status: 'stale', reason: 'upstream_error' });
    },
    90_000,
  );

  itWithRedis('writes keys and values that tell nothing of a caller', async () => {
    const server = await redisServer();
    const service = await replica(server.url, { FORWARD_AUTHORIZATION: 'true' });
    await connected(service);
    const headers = { authorization: 'Bearer a-secret-token', 'accept-language': 'rm-CH' };
    await service.request('/dashboard/777', { headers });
    const keys = await keysIn(server, 3);
    const client = new Redis(server.url);
    for (const key of keys) {
      expect(key).toMatch(/^tributary:(user|orders|recommendations):[\w-]{8}:[\w-]{43}$/);
      expect(await client.get(key)).not.toMatch(/a-secret-token|Bearer|rm-CH/);
    }
    client.disconnect();
  });

  itWithRedis('lets Redis forget what is too old to stand in', async () => {
    const server = await redisServer();
    const service = await replica(server.url, {
      USER_SERVICE_STALE_MS: '20000',
      ORDER_SERVICE_STALE_MS: '50000',
      RECOMMENDATION_SERVICE_STALE_MS: '0',
    });
    await connected(service);
    await service.request('/dashboard/41');
    const keys = await keysIn(server, 2);
    const client = new Redis(server.url);
    for (const key of keys) {
      const lifetimeMs = key.startsWith('tributary:user') ? 20_000 : 50_000;
      const leftMs = await client.pttl(key);
      expect(leftMs).toBeLessThanOrEqual(lifetimeMs);
      expect(leftMs).toBeGreaterThan(lifetimeMs - 15_000);
    }
    client.disconnect();
  });

  itWithRedis('erases for all what a source says is gone', async () => {
    const { server, one, other } = await twoReplicas();
    await one.request('/dashboard/41');
    await keysIn(server, 3);
    other.script({ recommendations: { errorRate: 1, errorStatus: 404 } });
    await other.request('/dashboard/41');
    await keysIn(server, 2);
    other.script({ recommendations: BROKEN });
    expect(answerOf(await other.request('/dashboard/41')).missing).toEqual(['recommendations']);
  });
});

describe('no answer is lost or late', () => {
  itWithRedis(
    'when Redis is killed under traffic, and it is used again when it is back',
    async () => {
      const server = await redisServer();
      const service = await replica(server.url);
      await connected(service);
      const responses = await whileAsking(service, async () => {
        await pause(300);
        await server.stop();
        await pause(500);
      });
      expectAllGood(responses);
      expect(isConnected(service)).toBe(false);
      const again = await redisServer(server.port);
      await connected(service);
      await service.request('/dashboard/990');
      await keysIn(again, 3);
    },
  );

  itWithRedis('when Redis hangs under traffic, and it is used again when it goes on', async () => {
    const { server, one, other } = await twoReplicas();
    const responses = await whileAsking(one, async () => {
      await pause(200);
      server.signal('SIGSTOP');
      await pause(1_500);
    });
    expectAllGood(responses);
    server.signal('SIGCONT');
    await connected(one, other);
    await one.request('/dashboard/990');
    other.script({ user: BROKEN });
    const isStale = async (): Promise<boolean> =>
      answerOf(await other.request('/dashboard/990')).stale.includes('user');
    for (let look = 0; look < 500 && !(await isStale()); look += 1) await pause(5);
    expect(await isStale()).toBe(true);
  });

  itWithRedis('when the password is wrong, which is said once, without the password', async () => {
    const server = await redisServer(0, '--requirepass', 'the-right-one');
    const url = server.url.replace('//', '//:hunter2@');
    await expectUnimpressed(await replica(url));
    const said: string[] = [];
    const say = (...words: unknown[]): void => void said.push(words.join(' '));
    Logger.overrideLogger({ log: say, warn: say, error: say });
    const client = connectRedis(url);
    await until(() => said.length > 0, 'it says what is wrong');
    await pause(500);
    client.disconnect();
    Logger.overrideLogger(false);
    expect(said).toEqual(['not connected: WRONGPASS Redis']);
  });
});
