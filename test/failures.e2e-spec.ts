import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Faults } from '../demo/faults.ts';
import { SOURCE_NAMES } from '../src/clients/sources.ts';
import { DashboardAnswerSchema } from '../src/dashboard/contract/dashboard.contract.ts';
import type { Reason } from '../src/errors/reason.ts';
import { RawSource } from './support/raw-source.ts';
import { answerOf, QUIET, TestService, until } from './support/service.ts';

/** Whatever one source does, it loses only its own section, and the answer says what happened. */

const KINDS: readonly [
  kind: string,
  faults: Partial<Faults>,
  reason: Reason,
  retryable: boolean,
][] = [
  ['hangs', { badAnswer: 'hang' }, 'timeout', true],
  ['drips its body', { badAnswer: 'drip' }, 'timeout', true],
  ['resets the connection', { badAnswer: 'refuse' }, 'unreachable', true],
  ['says 500', { errorRate: 1, errorStatus: 500 }, 'upstream_error', true],
  ['says 503', { errorRate: 1, errorStatus: 503 }, 'upstream_error', true],
  ['says 408', { errorRate: 1, errorStatus: 408 }, 'upstream_error', true],
  ['redirects', { badAnswer: 'redirect' }, 'upstream_error', true],
  ['says 429', { errorRate: 1, errorStatus: 429 }, 'rate_limited', true],
  ['says 400', { errorRate: 1, errorStatus: 400 }, 'rejected', false],
  ['says 401', { errorRate: 1, errorStatus: 401 }, 'rejected', false],
  ['sends half a JSON', { badAnswer: 'bad_json' }, 'invalid_response', true],
  ['sends another schema', { badAnswer: 'wrong_schema' }, 'invalid_response', true],
  ['closes half-way', { badAnswer: 'cut_short' }, 'invalid_response', true],
  ['sends without end', { badAnswer: 'oversized' }, 'invalid_response', true],
  ['compresses', { badAnswer: 'compressed' }, 'invalid_response', true],
  ['does not speak HTTP', { badAnswer: 'garbage' }, 'invalid_response', true],
  ['says 204', { badAnswer: 'no_content' }, 'invalid_response', true],
];

describe.each(['undici', 'axios'])('over %s', (TRANSPORT) => {
  let service: TestService;
  beforeAll(async () => {
    // The breaker has tests of its own: here it would hide the failures behind its own reason.
    service = await TestService.start({
      ...QUIET,
      TRANSPORT,
      DEADLINE_MS: '460',
      SOURCE_BREAKER_MIN_CALLS: '100000',
    });
  });
  afterAll(() => service.stop());
  afterEach(async () => {
    service.script();
    await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
  });

  describe.each(SOURCE_NAMES)('%s', (name) => {
    it.each(KINDS)(
      '%s: its section is missing, the others are there',
      async (_kind, faults, reason, retryable) => {
        service.script({ [name]: faults });

        const response = await service.request('/dashboard/41');

        const answer = DashboardAnswerSchema.parse(answerOf(response));
        expect(response.status).toBe(200);
        expect(response.headers['x-aggregation-complete']).toBe('false');
        expect(response.headers['cache-control']).toBe('private, no-store');
        expect(response.headers['server-timing']).toContain(`${name};dur=`);
        expect(answer.status).toBe('partial_success');
        expect(answer.missing).toEqual([name]);
        expect(answer.data[name]).toBeNull();
        expect(answer.sources[name]).toMatchObject({
          status: 'missing',
          reason,
          retryable,
          attempts: 1,
        });
        for (const other of SOURCE_NAMES.filter((candidate) => candidate !== name))
          expect(answer.sources[other]).toMatchObject({ status: 'fresh', attempts: 1 });
        expect(response.text).not.toMatch(/127\.0\.0\.1|elsewhere|demo source|surprise/);
        expect(service.sources[name].counts.requests).toBe(1);
      },
    );
  });

  it('a source that is not there at all is unreachable', async () => {
    const lonely = await TestService.start({ TRANSPORT, ORDER_SERVICE_URL: 'http://127.0.0.1:1' });
    const answer = answerOf(await lonely.request('/dashboard/41'));
    expect(answer.sources.orders).toMatchObject({ status: 'missing', reason: 'unreachable' });
    await lonely.stop();
  });

  it('404 of orders or recommendations is their own; 404 of the user is the answer', async () => {
    service.script({
      orders: { errorRate: 1, errorStatus: 404 },
      recommendations: { errorRate: 1, errorStatus: 410 },
    });
    const answer = answerOf(await service.request('/dashboard/41'));
    expect(answer.missing).toEqual(['orders', 'recommendations']);
    expect(answer.sources.orders).toMatchObject({ reason: 'not_found', retryable: false });
    expect(answer.sources.recommendations).toMatchObject({ reason: 'not_found', retryable: false });
  });

  it("an idle connection that the source closes as we send on it is nobody's failure", async () => {
    const orders = '[]';
    const raw = await new RawSource((socket, _head, nth) => {
      if (nth === 2) socket.resetAndDestroy();
      else socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${orders.length}\r\n\r\n${orders}`);
    }).start();
    const behind = await TestService.start({
      ...QUIET,
      TRANSPORT,
      ORDER_SERVICE_URL: raw.origin,
      ORDER_SERVICE_BREAKER_MIN_CALLS: '1',
      ORDER_SERVICE_BREAKER_FAILURE_RATIO: '0.1',
    });
    const first = answerOf(await behind.request('/dashboard/41'));
    const second = answerOf(await behind.request('/dashboard/41'));
    const third = answerOf(await behind.request('/dashboard/41'));
    await behind.stop();
    await raw.stop();
    expect(first.sources.orders).toMatchObject({ status: 'fresh', attempts: 1 });
    expect(second.sources.orders).toMatchObject({ status: 'fresh', attempts: 2 });
    expect(third.sources.orders).toMatchObject({ status: 'fresh', attempts: 1 });
    expect(raw.heads[2]?.toLowerCase()).toContain('x-attempt: 2');
  });

  it('a connection that gave an error status is used again', async () => {
    service.script({ orders: { errorRate: 1, errorStatus: 400 } });
    for (let i = 0; i < 5; i += 1) await service.request('/dashboard/41?include=orders,user');
    expect(service.sources.orders.counts.connections).toBeLessThanOrEqual(2);
  });
});
