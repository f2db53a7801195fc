import http, { type ClientRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { answerOf, TestService, until } from './support/service.ts';

/** Identical calls in flight at once become one, as the source counts them. */

let service: TestService;
let mayFail: TestService;
beforeAll(async () => {
  service = await TestService.start({ FORWARD_AUTHORIZATION: 'true' });
  mayFail = await TestService.start({ SOURCE_RETRIES: '0' });
});
afterAll(() => Promise.all([service.stop(), mayFail.stop()]));
afterEach(async () => {
  await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
});

const ORDERS = '?include=orders';
const requests = (): number => service.sources.orders.counts.requests;

/** A caller that does not wait for its answer. */
function leaver(path: string, headers: Record<string, string> = {}): ClientRequest {
  return http
    .get({ host: '127.0.0.1', port: service.port, path, headers, agent: false })
    .on('error', () => undefined);
}

describe('identical calls', () => {
  it('of 50 callers at once are one at the source, and everybody has the answer', async () => {
    service.script({ orders: { latencyMs: 150 } });
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => service.request(`/dashboard/41${ORDERS}`)),
    );
    expect(requests()).toBe(1);
    for (const response of responses) {
      expect(response.status).toBe(200);
      expect(answerOf(response).sources.orders).toMatchObject({ status: 'fresh', attempts: 1 });
      expect(answerOf(response).data.orders).toEqual(answerOf(responses[0] as never).data.orders);
    }
    expect(new Set(responses.map(({ headers }) => headers['x-request-id'])).size).toBe(50);
  });

  it('one after the other are two', async () => {
    service.script();
    await service.request(`/dashboard/41${ORDERS}`);
    await service.request(`/dashboard/41${ORDERS}`);
    expect(requests()).toBe(2);
  });

  it('fail together once, and the next one asks again', async () => {
    mayFail.script({ orders: { errorRate: 1, latencyMs: 100 } });
    const failed = await Promise.all(
      Array.from({ length: 10 }, () => mayFail.request('/dashboard/41?include=user,orders')),
    );
    for (const response of failed)
      expect(answerOf(response).sources.orders).toMatchObject({ reason: 'upstream_error' });
    expect(mayFail.sources.orders.counts.requests).toBe(1);
    mayFail.script();
    const next = await mayFail.request('/dashboard/41?include=user,orders');
    expect(answerOf(next).sources.orders).toMatchObject({ status: 'fresh', attempts: 1 });
    expect(mayFail.sources.orders.counts.requests).toBe(1);
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['other languages', { 'accept-language': 'de' }, { 'accept-language': 'fr' }],
    ['a language and none', { 'accept-language': 'de' }, {}],
    ['other callers', { authorization: 'Bearer a' }, { authorization: 'Bearer b' }],
    ['a caller and nobody', { authorization: 'Bearer a' }, {}],
  ])('for %s are not identical', async (_what, one, other) => {
    service.script({ orders: { latencyMs: 150 } });
    await Promise.all(
      [one, other, one].map((headers) => service.request(`/dashboard/41${ORDERS}`, { headers })),
    );
    expect(requests()).toBe(2);
  });

  it('for other users are not identical', async () => {
    service.script({ orders: { latencyMs: 150 } });
    await Promise.all([41, 42].map((id) => service.request(`/dashboard/${id}${ORDERS}`)));
    expect(requests()).toBe(2);
  });
});

describe('who waits for a shared call', () => {
  it('is not disturbed when the first one hangs up', async () => {
    service.script({ orders: { latencyMs: 300 } });
    const first = leaver(`/dashboard/41${ORDERS}`);
    await until(() => requests() === 1, 'the call is under way');
    const second = service.request(`/dashboard/41${ORDERS}`);
    // The second one has joined once a third, different one is there: requests are read in order.
    const third = service.request(`/dashboard/42${ORDERS}`);
    await until(() => requests() === 2, 'the other call is under way');
    first.destroy();
    expect(answerOf(await second).sources.orders).toMatchObject({ status: 'fresh', attempts: 1 });
    await third;
    expect(service.sources.orders.counts).toMatchObject({ requests: 2, aborted: 0 });
  });

  it('aborts it by leaving last', async () => {
    service.script({ orders: { badAnswer: 'hang' } });
    const callers = Array.from({ length: 3 }, () => leaver(`/dashboard/41${ORDERS}`));
    await until(() => requests() === 1, 'the call is under way');
    callers.pop()?.destroy();
    const other = leaver(`/dashboard/42${ORDERS}`);
    await until(() => requests() === 2, 'another call is under way');
    expect(service.sources.orders.counts.aborted).toBe(0);
    for (const caller of [...callers, other]) caller.destroy();
    await until(() => service.sources.orders.counts.aborted === 2, 'both are aborted');
  });

  it('keeps a deadline of its own', async () => {
    service.script({ orders: { latencyMs: 500 } });
    const patient = service.request(`/dashboard/41${ORDERS}`);
    await until(() => requests() === 1, 'the call is under way');
    const hurried = await service.request(`/dashboard/41${ORDERS}`, {
      headers: { 'x-request-timeout-ms': '200' },
    });
    expect(hurried.status).toBe(504);
    expect(answerOf(await patient).sources.orders).toMatchObject({ status: 'fresh' });
    expect(requests()).toBe(1);
  });

  it('lends its longer deadline to a call that was begun with a shorter one', async () => {
    service.script({ orders: { latencyMs: 500 } });
    const hurried = service.request(`/dashboard/41${ORDERS}`, {
      headers: { 'x-request-timeout-ms': '300' },
    });
    await until(() => requests() === 1, 'the call is under way');
    const patient = await service.request(`/dashboard/41${ORDERS}`);
    expect((await hurried).status).toBe(504);
    expect(answerOf(patient).sources.orders).toMatchObject({ status: 'fresh', attempts: 1 });
    expect(service.sources.orders.counts).toMatchObject({ requests: 1, aborted: 0 });
  });
});

it('with COALESCE=off every call goes out', async () => {
  const alone = await TestService.start({ ORDER_SERVICE_COALESCE: 'off' });
  alone.script({ orders: { latencyMs: 100 } });
  await Promise.all(Array.from({ length: 5 }, () => alone.request(`/dashboard/41${ORDERS}`)));
  expect(alone.sources.orders.counts.requests).toBe(5);
  await alone.stop();
});
