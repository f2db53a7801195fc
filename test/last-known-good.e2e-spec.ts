import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Faults } from '../demo/faults.ts';
import { SOURCE_NAMES, type SourceName } from '../src/clients/sources.ts';
import type { Reason } from '../src/errors/reason.ts';
import { answerOf, QUIET, TestService, until, type Response } from './support/service.ts';

/** What a source answered last stands in for what it does not answer now; never for somebody else. */

const REMEMBERS = { ...QUIET, DEADLINE_MS: '460', SOURCE_STALE_MS: '60000', SOURCE_FRESH_MS: '0' };
const STEADY = { SOURCE_BREAKER_MIN_CALLS: '100000' };

const BROKEN: Partial<Faults> = { errorRate: 1 };
const all = (faults: Partial<Faults>): Partial<Record<SourceName, Partial<Faults>>> =>
  Object.fromEntries(SOURCE_NAMES.map((name) => [name, faults]));

let lastUser = 100;
/** A user whom no other test has asked for. */
const newUser = (): string => `${(lastUser += 1)}`;

function expectAllStale(response: Response, reason: Reason, before: Response): void {
  const answer = answerOf(response);
  expect(response.status).toBe(200);
  expect(answer).toMatchObject({ status: 'partial_success', missing: [], stale: SOURCE_NAMES });
  expect(answer.data).toEqual(answerOf(before).data);
  for (const report of Object.values(answer.sources))
    expect(report).toMatchObject({ status: 'stale', reason, ageMs: expect.any(Number) });
  expect(response.headers).toMatchObject({
    'x-aggregation-complete': 'false',
    'cache-control': 'private, no-store',
    'server-timing': expect.stringContaining('desc="stale"'),
  });
}

describe.each(['undici', 'axios'])('over %s, the last good answer stands in', (TRANSPORT) => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ ...REMEMBERS, ...STEADY, TRANSPORT });
  });
  afterAll(() => service.stop());

  it.each<[Reason, Partial<Faults>]>([
    ['timeout', { badAnswer: 'hang' }],
    ['timeout', { badAnswer: 'drip' }],
    ['unreachable', { badAnswer: 'refuse' }],
    ['upstream_error', { errorRate: 1, errorStatus: 500 }],
    ['upstream_error', { errorRate: 1, errorStatus: 503 }],
    ['upstream_error', { badAnswer: 'redirect' }],
    ['invalid_response', { badAnswer: 'bad_json' }],
    ['invalid_response', { badAnswer: 'wrong_schema' }],
    ['invalid_response', { badAnswer: 'cut_short' }],
    ['rate_limited', { errorRate: 1, errorStatus: 429 }],
  ])('for %s: %j', async (reason, faults) => {
    const path = `/dashboard/${newUser()}`;
    service.script();
    const before = await service.request(path);
    expect(before.status).toBe(200);
    service.script(all(faults));
    expectAllStale(await service.request(path), reason, before);
    await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
  });

  it('for skipped: too little time to ask', async () => {
    const path = `/dashboard/${newUser()}`;
    service.script();
    const before = await service.request(path);
    service.script();
    for (const timeoutMs of ['1', '12']) {
      const headers = { 'x-request-timeout-ms': timeoutMs };
      const response = await service.request(path, { headers });
      expectAllStale(response, 'skipped', before);
      for (const { attempts } of Object.values(answerOf(response).sources))
        expect(attempts).toBe(0);
    }
    expect(service.asked).toBe(0);
  });

  it('with its age, which grows, and for a required section too', async () => {
    const path = `/dashboard/${newUser()}?require=orders`;
    service.script();
    await service.request(path);
    service.script({ orders: BROKEN });
    const ages: number[] = [];
    for (const waitMs of [0, 60]) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const response = await service.request(path);
      expect(response.status).toBe(200);
      const { orders } = answerOf(response).sources;
      ages.push(orders?.status === 'stale' ? orders.ageMs : -1);
    }
    expect(ages[0]).toBeGreaterThanOrEqual(0);
    expect((ages[1] ?? 0) - (ages[0] ?? 0)).toBeGreaterThanOrEqual(59);
  });

  it.each([401, 403])('never for %i, which erases nothing', async (errorStatus) => {
    const path = `/dashboard/${newUser()}`;
    service.script();
    await service.request(path);
    service.script({ orders: { errorRate: 1, errorStatus } });
    const answer = answerOf(await service.request(path));
    expect(answer).toMatchObject({ missing: ['orders'], stale: [], data: { orders: null } });
    expect(answer.sources.orders).toMatchObject({ status: 'missing', reason: 'rejected' });
    service.script({ orders: BROKEN });
    expect(answerOf(await service.request(path)).stale).toEqual(['orders']);
  });

  it('not after a 404 has erased it', async () => {
    const path = `/dashboard/${newUser()}`;
    service.script();
    await service.request(path);
    service.script({ recommendations: { errorRate: 1, errorStatus: 404 } });
    expect(answerOf(await service.request(path)).sources.recommendations).toMatchObject({
      status: 'missing',
      reason: 'not_found',
    });
    service.script({ recommendations: BROKEN });
    expect(answerOf(await service.request(path))).toMatchObject({
      missing: ['recommendations'],
      stale: [],
    });
  });

  it('not for a user that is gone', async () => {
    const path = `/dashboard/${newUser()}`;
    service.script();
    await service.request(path);
    service.script({ user: { errorRate: 1, errorStatus: 410 } });
    expect((await service.request(path)).status).toBe(404);
    service.script({ user: BROKEN });
    expect(answerOf(await service.request(path))).toMatchObject({ missing: ['user'], stale: [] });
  });

  it('not for another user', async () => {
    service.script();
    await service.request(`/dashboard/${newUser()}`);
    service.script(all(BROKEN));
    expect((await service.request(`/dashboard/${newUser()}`)).status).toBe(502);
  });

  it('not in another language', async () => {
    const path = `/dashboard/${newUser()}`;
    const inLanguage = (language: string) =>
      service.request(path, { headers: { 'accept-language': language } });
    service.script();
    const before = await inLanguage('de');
    service.script(all(BROKEN));
    expect((await inLanguage('fr')).status).toBe(502);
    expect((await service.request(path)).status).toBe(502);
    expectAllStale(await inLanguage('de'), 'upstream_error', before);
  });
});

describe('the last good answer stands in', () => {
  let service: TestService | undefined;
  const start = async (env: Record<string, string>): Promise<TestService> => {
    await service?.stop();
    return (service = await TestService.start({ ...REMEMBERS, ...env }));
  };
  afterAll(() => service?.stop());

  it('for an open circuit', async () => {
    const from = await start({ SOURCE_BREAKER_MIN_CALLS: '2', SOURCE_BREAKER_OPEN_MS: '60000' });
    const before = await from.request('/dashboard/41');
    from.script(all(BROKEN));
    await from.request('/dashboard/41');
    await from.request('/dashboard/41');
    from.script();
    expectAllStale(await from.request('/dashboard/41'), 'circuit_open', before);
    expect(from.asked).toBe(0);
  });

  it('for a source that is saturated', async () => {
    const from = await start({ ...STEADY, SOURCE_MAX_CONCURRENT: '1', SOURCE_MAX_QUEUE: '0' });
    const before = await from.request('/dashboard/41');
    from.script(all({ badAnswer: 'hang' }));
    const holding = from.request('/dashboard/42');
    await until(() => from.asked === SOURCE_NAMES.length, 'every permit is taken');
    expectAllStale(await from.request('/dashboard/41'), 'saturated', before);
    await holding;
  });

  it('for the caller it was given to, where the sources see the caller', async () => {
    const from = await start({ ...STEADY, FORWARD_AUTHORIZATION: 'true' });
    const as = (authorization?: string) =>
      from.request('/dashboard/41', { headers: authorization ? { authorization } : {} });
    const before = await as('Bearer alice');
    from.script(all(BROKEN));
    expect((await as('Bearer bob')).status).toBe(502);
    expect((await as()).status).toBe(502);
    expectAllStale(await as('Bearer alice'), 'upstream_error', before);
  });

  it('by default for users and recommendations, and not for orders', async () => {
    const { SOURCE_STALE_MS: _, ...unset } = QUIET;
    await service?.stop();
    const from = (service = await TestService.start({ ...unset, ...STEADY }));
    await from.request('/dashboard/41');
    from.script(all(BROKEN));
    const response = await from.request('/dashboard/41');
    expect(response.status).toBe(200);
    expect(answerOf(response)).toMatchObject({
      stale: ['user', 'recommendations'],
      missing: ['orders'],
    });
  });

  it('no longer than it may', async () => {
    const from = await start({ ...STEADY, SOURCE_STALE_MS: '50' });
    await from.request('/dashboard/41');
    from.script(all(BROKEN));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await from.request('/dashboard/41')).status).toBe(502);
  });
});

describe('an answer that is fresh enough', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ ...REMEMBERS, SOURCE_FRESH_MS: '60000' });
  });
  afterAll(() => service.stop());

  it('is given without asking, and is a success', async () => {
    const before = await service.request('/dashboard/41');
    expect(service.asked).toBe(SOURCE_NAMES.length);
    service.script(all(BROKEN));
    const response = await service.request('/dashboard/41');
    const answer = answerOf(response);
    expect(response.status).toBe(200);
    expect(answer).toMatchObject({ status: 'success', missing: [], stale: [] });
    expect(answer.data).toEqual(answerOf(before).data);
    for (const report of Object.values(answer.sources))
      expect(report).toMatchObject({ status: 'fresh', attempts: 0, ageMs: expect.any(Number) });
    expect(response.headers).toMatchObject({
      'x-aggregation-complete': 'true',
      'cache-control': 'private, no-cache',
    });
    expect(service.asked).toBe(0);
  });

  it('is nobody else’s', async () => {
    service.script();
    await service.request('/dashboard/41', { headers: { 'accept-language': 'de' } });
    await service.request('/dashboard/42');
    expect(service.asked).toBe(2 * SOURCE_NAMES.length);
  });
});
