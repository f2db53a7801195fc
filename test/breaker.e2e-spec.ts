import http from 'node:http';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Reason } from '../src/errors/reason.ts';
import { Outbound } from '../src/outbound/outbound.ts';
import type { SourceRuntime } from '../src/outbound/source-runtime.ts';
import { answerOf, QUIET, TestService, until } from './support/service.ts';

/** The breaker over real sockets: what opens it, what does not, and how it closes again. */

const MIN_CALLS = 10;
let service: TestService | undefined;

async function start(env: Record<string, string> = {}): Promise<TestService> {
  await service?.stop();
  service = await TestService.start({
    ...QUIET,
    ORDER_SERVICE_BREAKER_MIN_CALLS: String(MIN_CALLS),
    ORDER_SERVICE_BREAKER_OPEN_MS: '200',
    ...env,
  });
  return service;
}

afterAll(() => service?.stop());

const orders = (from: TestService): SourceRuntime => {
  const found = [...from.app.nest.get(Outbound).sources].find(({ name }) => name === 'orders');
  if (found === undefined) throw new Error('no orders');
  return found;
};

async function ask(
  from: TestService,
  headers: Record<string, string> = {},
): Promise<Reason | 'fresh'> {
  const report = answerOf(await from.request('/dashboard/41?include=user,orders', { headers }))
    .sources.orders;
  return report === undefined || report.status === 'fresh' ? 'fresh' : report.reason;
}

async function askTimes(times: number, from: TestService): Promise<(Reason | 'fresh')[]> {
  const reasons: (Reason | 'fresh')[] = [];
  for (let i = 0; i < times; i += 1) reasons.push(await ask(from));
  return reasons;
}

/** Calls that all time out, a batch at a time: those of a batch in which our own loop was late do not count. */
async function hangUntilOpen(from: TestService): Promise<void> {
  for (let batch = 0; batch < 10 && orders(from).breaker.state === 'closed'; batch += 1)
    expect(new Set(await Promise.all(Array.from({ length: MIN_CALLS }, () => ask(from))))).toEqual(
      new Set(['timeout']),
    );
  expect(orders(from).breaker.state).toBe('open');
}

describe('it opens', () => {
  it.each<[string, Parameters<TestService['script']>[0], Reason]>([
    ['on errors', { orders: { errorRate: 1 } }, 'upstream_error'],
    ['on resets', { orders: { badAnswer: 'refuse' } }, 'unreachable'],
    ['on nonsense', { orders: { badAnswer: 'bad_json' } }, 'invalid_response'],
    ['on redirects', { orders: { badAnswer: 'redirect' } }, 'upstream_error'],
  ])(
    '%s, after enough verdicts and not before; then nothing is sent',
    async (_what, faults, reason) => {
      const from = await start({ ORDER_SERVICE_BREAKER_OPEN_MS: '60000' });
      from.script(faults);
      expect(await askTimes(MIN_CALLS, from)).toEqual(
        Array.from({ length: MIN_CALLS }, () => reason),
      );
      expect(await askTimes(5, from)).toEqual(Array.from({ length: 5 }, () => 'circuit_open'));
      expect(from.sources.orders.counts.requests).toBe(MIN_CALLS);
      const ready = await from.request('/health/ready');
      expect(ready.status).toBe(200);
      expect(JSON.parse(ready.text)).toMatchObject({
        status: 'degraded',
        info: { orders: { status: 'degraded', breaker: 'open' } },
      });
    },
  );

  it('on timeouts that were fair', async () => {
    const from = await start({ ORDER_SERVICE_ATTEMPT_TIMEOUT_MS: '150' });
    from.script({ orders: { badAnswer: 'hang' } });
    await hangUntilOpen(from);
  });

  it('on a source that hangs until the deadline', async () => {
    const from = await start({ DEADLINE_MS: '300' });
    from.script({ orders: { badAnswer: 'hang' } });
    await hangUntilOpen(from);
  });

  it('and a required section then makes it a 503 that says when', async () => {
    const from = await start({ ORDER_SERVICE_BREAKER_OPEN_MS: '20000' });
    from.script({ orders: { errorRate: 1 } });
    await askTimes(MIN_CALLS, from);
    const { status, headers } = await from.request('/dashboard/41?require=orders');
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(15);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(24);
  });
});

describe('it closes', () => {
  beforeEach(async () => {
    const from = await start();
    from.script({ orders: { errorRate: 1 } });
    await askTimes(MIN_CALLS, from);
    expect(orders(from).breaker.state).toBe('open');
  });

  it('after three good probes', async () => {
    const from = service as TestService;
    from.script();
    await until(() => orders(from).breaker.state === 'half_open', 'it lets probes through');
    expect(await askTimes(3, from)).toEqual(['fresh', 'fresh', 'fresh']);
    expect(orders(from).breaker.state).toBe('closed');
    // The failures that opened it are forgotten.
    from.script({ orders: { errorRate: 1 } });
    expect(await askTimes(1, from)).toEqual(['upstream_error']);
    expect(orders(from).breaker.state).toBe('closed');
  });

  it('not on a bad probe', async () => {
    const from = service as TestService;
    await until(() => orders(from).breaker.state === 'half_open', 'it lets probes through');
    expect(await askTimes(2, from)).toEqual(['upstream_error', 'circuit_open']);
  });

  it('and meanwhile one probe at a time reaches the source', async () => {
    const from = service as TestService;
    // It hangs for as long as anybody waits, so that all of them come within the first probe's time.
    from.script({ orders: { badAnswer: 'hang' } });
    await until(() => orders(from).breaker.state === 'half_open', 'it lets probes through');
    const reasons = await Promise.all(Array.from({ length: 30 }, () => ask(from)));
    expect(reasons.filter((reason) => reason === 'timeout')).toHaveLength(1);
    expect(reasons.filter((reason) => reason === 'circuit_open')).toHaveLength(29);
    expect(from.sources.orders.counts.requests).toBe(1);
    expect(from.sources.orders.counts.maxInFlight).toBe(1);
  });

  it('a probe whose caller hangs up gives its slot back', async () => {
    const from = service as TestService;
    from.script({ orders: { badAnswer: 'hang' } });
    await until(() => orders(from).breaker.state === 'half_open', 'it lets probes through');
    const request = http.get({
      host: '127.0.0.1',
      port: from.port,
      path: '/dashboard/41',
      agent: false,
    });
    request.on('error', () => undefined);
    await until(() => from.sources.orders.counts.requests === 1, 'the probe is sent');
    request.destroy();
    await until(() => from.sources.orders.counts.aborted === 1, 'the probe is aborted');
    expect(orders(from).breaker.state).toBe('half_open');
    from.script();
    expect(await ask(from)).toBe('fresh');
  });
});

describe('it stays closed', () => {
  it.each([400, 401, 404, 429])('on %i', async (errorStatus) => {
    const from = await start();
    from.script({ orders: { errorRate: 1, errorStatus } });
    expect(await askTimes(2 * MIN_CALLS, from)).not.toContain('circuit_open');
    expect(orders(from).breaker.state).toBe('closed');
  });

  it('on callers who hang up', async () => {
    const from = await start();
    from.script({ orders: { badAnswer: 'hang' } });
    for (let i = 1; i <= 2 * MIN_CALLS; i += 1) {
      const request = http.get({
        host: '127.0.0.1',
        port: from.port,
        path: '/dashboard/41',
        agent: false,
      });
      request.on('error', () => undefined);
      await until(() => from.sources.orders.counts.requests === i, 'it is sent');
      request.destroy();
    }
    await until(() => from.held.every((held) => held === 0), 'nothing is held any more');
    expect(orders(from).breaker.state).toBe('closed');
    expect(orders(from).breaker.failureRatio).toBe(0);
  });

  it('on callers with no time: 1 ms, 30 ms, 120 ms', async () => {
    const from = await start();
    from.script({ orders: { badAnswer: 'hang' } });
    for (const timeoutMs of ['1', '30', '120'])
      await Promise.all(
        Array.from({ length: 2 * MIN_CALLS }, () =>
          from.request('/dashboard/41', { headers: { 'x-request-timeout-ms': timeoutMs } }),
        ),
      );
    expect(orders(from).breaker.state).toBe('closed');
    expect(orders(from).breaker.failureRatio).toBe(0);
  });

  it('when we are saturated', async () => {
    const from = await start({ ORDER_SERVICE_MAX_CONCURRENT: '1', ORDER_SERVICE_MAX_QUEUE: '2' });
    from.script({ orders: { latencyMs: 200 } });
    const reasons = await Promise.all(Array.from({ length: 5 * MIN_CALLS }, () => ask(from)));
    expect(reasons).toContain('saturated');
    expect(orders(from).breaker.state).toBe('closed');
    expect(orders(from).breaker.failureRatio).toBe(0);
    expect(from.sources.orders.counts.maxInFlight).toBe(1);
  });
});

it('opening sends the queue away', async () => {
  const from = await start({
    ORDER_SERVICE_MAX_CONCURRENT: String(MIN_CALLS),
    ORDER_SERVICE_MAX_QUEUE_WAIT_MS: '1000',
    ORDER_SERVICE_BREAKER_OPEN_MS: '60000',
  });
  from.script({ orders: { latencyMs: 150, errorRate: 1 } });
  const reasons = await Promise.all(Array.from({ length: 3 * MIN_CALLS }, () => ask(from)));
  expect(reasons.filter((reason) => reason === 'upstream_error').length).toBeLessThan(
    2 * MIN_CALLS,
  );
  expect(reasons.filter((reason) => reason === 'circuit_open').length).toBeGreaterThanOrEqual(
    MIN_CALLS,
  );
  expect(from.sources.orders.counts.requests).toBe(
    reasons.filter((reason) => reason === 'upstream_error').length,
  );
});
