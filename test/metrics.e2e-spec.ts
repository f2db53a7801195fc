import http from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Faults } from '../demo/faults.ts';
import type { Reason } from '../src/errors/reason.ts';
import { expectMoves, samplesOf, textOf } from './support/scrape.ts';
import { QUIET, TestService, until } from './support/service.ts';

/** What the counters say after requests that ended in every way there is. */

const FRESH = {
  'sections_total user fresh': 1,
  'sections_total orders fresh': 1,
  'sections_total recommendations fresh': 1,
  'attempts_total user first ok': 1,
  'attempts_total orders first ok': 1,
  'attempts_total recommendations first ok': 1,
};
const USER_FRESH = { 'sections_total user fresh': 1, 'attempts_total user first ok': 1 };

let service: TestService;

describe('a dashboard', () => {
  beforeAll(async () => {
    service = await TestService.start({ ...QUIET, SOURCE_BREAKER_MIN_CALLS: '100000' });
  });
  beforeEach(() => service.script());
  afterAll(() => service.stop());

  it('with everything fresh is a success', () =>
    expectMoves(
      service,
      () => service.request('/dashboard/41'),
      { 'requests_total success': 1, ...FRESH },
      1,
    ));

  it('counts the sections that were asked only, and as a HEAD too', () =>
    expectMoves(
      service,
      async () => {
        await service.request('/dashboard/41?include=user');
        await service.request('/dashboard/41?include=user', { method: 'HEAD' });
      },
      {
        'requests_total success': 2,
        'sections_total user fresh': 2,
        'attempts_total user first ok': 2,
      },
      2,
    ));

  it.each<[Reason, Partial<Faults>]>([
    ['timeout', { badAnswer: 'hang' }],
    ['unreachable', { badAnswer: 'refuse' }],
    ['upstream_error', { errorRate: 1 }],
    ['rate_limited', { errorRate: 1, errorStatus: 429 }],
    ['not_found', { errorRate: 1, errorStatus: 404 }],
    ['rejected', { errorRate: 1, errorStatus: 403 }],
    ['invalid_response', { badAnswer: 'bad_json' }],
  ])('without a section is a partial success, and says why: %s', async (reason, faults) => {
    service.script({ orders: faults });
    const headers = { 'x-request-timeout-ms': reason === 'timeout' ? '800' : '1500' };
    await expectMoves(
      service,
      () => service.request('/dashboard/41?include=user,orders', { headers }),
      {
        'requests_total partial_success': 1,
        ...USER_FRESH,
        [`sections_total orders missing ${reason}`]: 1,
        [`attempts_total orders first ${reason}`]: 1,
      },
      1,
    );
  });

  it('of nobody is not found; the calls that were cut were cancelled', async () => {
    service.script({ orders: { badAnswer: 'hang' } });
    await expectMoves(
      service,
      () => service.request('/dashboard/nobody?include=user,orders'),
      {
        'requests_total not_found': 1,
        'sections_total user missing not_found': 1,
        'sections_total orders missing skipped': 1,
        'attempts_total user first not_found': 1,
        'attempts_total orders first cancelled': 1,
      },
      1,
    );
  });

  it('that cannot be answered is a failure', async () => {
    service.script({ orders: { errorRate: 1 } });
    await expectMoves(
      service,
      () => service.request('/dashboard/41?include=user,orders&require=orders'),
      {
        'requests_total failure': 1,
        ...USER_FRESH,
        'sections_total orders missing upstream_error': 1,
        'attempts_total orders first upstream_error': 1,
      },
      1,
    );
  });

  it('whose caller leaves is cancelled, and so are its attempts; none of its sections counts', async () => {
    service.script({ orders: { badAnswer: 'hang' }, user: { badAnswer: 'hang' } });
    await expectMoves(
      service,
      async () => {
        const path = '/dashboard/41?include=user,orders';
        const request = http.get({ port: service.port, host: '127.0.0.1', path });
        request.on('error', () => undefined);
        await until(() => service.asked === 2, 'both are asked');
        request.destroy();
      },
      {
        'requests_total cancelled': 1,
        'attempts_total user first cancelled': 1,
        'attempts_total orders first cancelled': 1,
      },
    );
  });

  it('the histograms add up', async () => {
    await service.request('/dashboard/41');
    const samples = samplesOf(await textOf(service));
    const of = (name: string) => samples.filter((sample) => sample.name === name);
    for (const histogram of [
      'aggregator_request_duration_seconds',
      'aggregator_attempt_duration_seconds',
      'aggregator_deadline_slack_seconds',
    ]) {
      const count = of(`${histogram}_count`).reduce((sum, { value }) => sum + value, 0);
      const infinite = of(`${histogram}_bucket`).filter(({ labels }) => labels.le === '+Inf');
      expect(infinite.reduce((sum, { value }) => sum + value, 0)).toBe(count);
      const bounds = of(`${histogram}_bucket`).slice(0, 14);
      expect(bounds.map(({ labels }) => labels.le)).toEqual(
        '0.005 0.01 0.025 0.05 0.1 0.25 0.5 0.75 1 1.25 1.5 2 5 +Inf'.split(' '),
      );
      for (const [index, { value }] of bounds.entries())
        expect(value).toBeGreaterThanOrEqual(bounds[index - 1]?.value ?? 0);
    }
  });

  it('names nobody', async () => {
    await service.request('/dashboard/somebody-in-particular?include=orders');
    await service.request('/dashboard/so%20mebody');
    const text = await textOf(service);
    expect(text).not.toMatch(/somebody|mebody|"41"/);
    expect(text).not.toContain('127.0.0.1');
  });
});

describe('with a memory', () => {
  beforeAll(async () => {
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_STALE_MS: '60000',
      USER_SERVICE_FRESH_MS: '60000',
    });
    service.script();
    await service.request('/dashboard/41');
  });
  afterAll(() => service.stop());

  it('a section is stale with its reason, or fresh without an attempt', async () => {
    service.script({ orders: { errorRate: 1 } });
    await expectMoves(
      service,
      () => service.request('/dashboard/41?include=user,orders'),
      {
        'requests_total partial_success': 1,
        'sections_total user fresh': 1,
        'sections_total orders stale upstream_error': 1,
        'attempts_total orders first upstream_error': 1,
      },
      1,
    );
  });
});

describe('without an attempt a section is missing', () => {
  afterEach(() => service.stop());

  it.each<[Reason, Record<string, string>]>([
    ['saturated', { ORDER_SERVICE_MAX_CONCURRENT: '0', ORDER_SERVICE_MAX_QUEUE: '0' }],
    ['no_instance', { ORDER_SERVICE_URL: 'file:///nowhere/at/all.json' }],
  ])('%s', async (reason, env) => {
    service = await TestService.start({ ...QUIET, ...env });
    const missing = `sections_total orders missing ${reason}`;
    await expectMoves(
      service,
      () => service.request('/dashboard/41?include=user,orders'),
      { 'requests_total partial_success': 1, ...USER_FRESH, [missing]: 1 },
      1,
    );
  });

  it('circuit_open; what the breaker does is counted', async () => {
    service = await TestService.start({
      ...QUIET,
      ORDER_SERVICE_BREAKER_MIN_CALLS: '1',
      ORDER_SERVICE_BREAKER_OPEN_MS: '600000',
    });
    service.script({ orders: { errorRate: 1 } });
    const ask = () => service.request('/dashboard/41?include=user,orders');
    await expectMoves(
      service,
      ask,
      {
        'requests_total partial_success': 1,
        ...USER_FRESH,
        'sections_total orders missing upstream_error': 1,
        'attempts_total orders first upstream_error': 1,
        'breaker_changes_total orders open': 1,
      },
      1,
    );
    await expectMoves(
      service,
      ask,
      {
        'requests_total partial_success': 1,
        ...USER_FRESH,
        'sections_total orders missing circuit_open': 1,
      },
      1,
    );
  });
});
