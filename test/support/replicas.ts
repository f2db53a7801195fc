import { expect } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { Faults } from '../../demo/faults.ts';
import { SOURCE_NAMES } from '../../src/clients/sources.ts';
import { REDIS } from '../../src/redis/redis.ts';
import { answerOf, QUIET, TestService, until, type Response } from './service.ts';

/** Replicas of the service that share a Redis, or what they take for one, and the traffic they are put under. */

/**
 * Far longer than an answer takes, also on a busy machine, and as long as the client itself waits for a Redis that
 * says nothing: an answer that waited for one is found out.
 */
const SLOW_MS = 1_000;

/** Answers that say something. */
const ENOUGH = 24;

export const BROKEN: Partial<Faults> = { errorRate: 1 };

export const all = (faults: Partial<Faults>): Record<string, Partial<Faults>> =>
  Object.fromEntries(SOURCE_NAMES.map((name) => [name, faults]));

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Whatever a test has started; the last one is stopped first. */
const started: { stop(): Promise<void> }[] = [];

export function stopAfterwards<T extends { stop(): Promise<void> }>(one: T): T {
  started.push(one);
  return one;
}

export async function stopAll(): Promise<void> {
  for (const one of started.splice(0).toReversed()) await one.stop();
}

/** One that lets answers of a minute stand in, and has all the time in the world. */
export const replica = async (
  REDIS_URL: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TestService> =>
  stopAfterwards(
    await TestService.start({
      ...QUIET,
      SOURCE_STALE_MS: '60000',
      SOURCE_BREAKER_MIN_CALLS: '100000',
      DEADLINE_MS: '3000',
      REDIS_URL,
      ...env,
    }),
  );

export const isConnected = (service: TestService): boolean =>
  service.app.nest.get<Redis>(REDIS).status === 'ready';

export const connected = (...services: TestService[]): Promise<void> =>
  until(() => services.every(isConnected), 'they are connected to Redis', 15_000);

/** Asks all the time, eight at once, each time for another user, until `act` is done and there are enough answers. */
export async function whileAsking(
  service: TestService,
  act: () => Promise<void>,
): Promise<Response[]> {
  const responses: Response[] = [];
  const traffic = { isOver: false, user: 0 };
  const caller = async (): Promise<void> => {
    while (!traffic.isOver || responses.length < ENOUGH) {
      traffic.user = (traffic.user % 900) + 1;
      responses.push(await service.request(`/dashboard/${traffic.user}`));
    }
  };
  const callers = Promise.all(Array.from({ length: 8 }, caller));
  await act();
  traffic.isOver = true;
  await callers;
  return responses;
}

/** Every one a success, and quick. */
export function expectAllGood(responses: readonly Response[]): void {
  expect(responses.length).toBeGreaterThanOrEqual(ENOUGH);
  const bad = responses.filter(({ status, text }) => status !== 200 || !text.includes('"success"'));
  expect(bad).toEqual([]);
  expectQuick(responses);
}

/** A busy machine may hold up one in twenty; a Redis that is waited for holds up all. */
function expectQuick(responses: readonly Response[]): void {
  const slow = responses.filter(({ elapsedMs }) => elapsedMs >= SLOW_MS);
  expect(slow.length).toBeLessThanOrEqual(responses.length / 20);
}

/** Good answers are good, missing sections are missing, nothing of it is slow, and neither is its end. */
export async function expectUnimpressed(service: TestService): Promise<void> {
  expectAllGood(await whileAsking(service, () => pause(300)));
  service.script({ orders: BROKEN });
  const partial: Response[] = [];
  for (let user = 950; user < 970; user += 1)
    partial.push(await service.request(`/dashboard/${user}`));
  for (const response of partial) {
    expect(response.status).toBe(200);
    expect(answerOf(response).missing).toEqual(['orders']);
  }
  expectQuick(partial);
  const startedAt = performance.now();
  started.splice(started.indexOf(service), 1);
  await service.stop();
  expect(performance.now() - startedAt).toBeLessThan(3 * SLOW_MS);
}
