import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RawSource } from './support/raw-source.ts';
import { RemoteSource } from './support/remote-source.ts';
import { answerOf, QUIET, TestService, until } from './support/service.ts';

/** Never more than the cap at the source, as the source itself counts, whatever the callers do. */

describe.each(['undici', 'axios'])('over %s', (TRANSPORT) => {
  let service: TestService;
  let recommendations: RemoteSource;
  beforeAll(async () => {
    recommendations = await RemoteSource.start('recommendations');
    service = await TestService.start({
      ...QUIET,
      TRANSPORT,
      RECOMMENDATION_SERVICE_URL: recommendations.url,
      // A slow start of 100 connections at once on a busy machine is not what is tested here.
      RECOMMENDATION_SERVICE_CONNECT_TIMEOUT_MS: '1400',
    });
  });
  const started: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of started.splice(0).toReversed()) await each.stop();
  });
  afterAll(async () => {
    await service.stop();
    await recommendations.stop();
  });

  it('600 dashboards at once: the source never counts more than 100, and every answer is honest', async () => {
    await recommendations.script({ latencyMs: 300 });

    const responses = await Promise.all(
      Array.from({ length: 600 }, () => service.request('/dashboard/41')),
    );

    const reports = responses.map((response) => answerOf(response).sources.recommendations);
    const fresh = reports.filter((report) => report?.status === 'fresh').length;
    const saturated = reports.filter(
      (report) => report?.status === 'missing' && report.reason === 'saturated',
    ).length;
    const { maxInFlight, requests } = await recommendations.counts();
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 600 }, () => 200));
    expect(maxInFlight).toBeLessThanOrEqual(100);
    expect(fresh).toBeGreaterThanOrEqual(100);
    expect(fresh + saturated).toBe(600);
    expect(requests).toBe(fresh);
    expect(Math.max(...service.held)).toBe(0);
    // Our own refusals are no verdict on the source.
    const { status, text } = await service.request('/health/ready');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ status: 'ok' });
  });

  it('a permit of an aborted call is held until the source had time to see it gone', async () => {
    let inFlight = 0;
    let maxInFlight = 0;
    const slow = await new RawSource((socket) => {
      inFlight += 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      // A source whose loop needs two more turns to notice a close.
      socket.once('close', () => setImmediate(() => setImmediate(() => (inFlight -= 1))));
    }).start();
    started.push(slow);
    const capped = await TestService.start({
      ...QUIET,
      TRANSPORT,
      RECOMMENDATION_SERVICE_URL: slow.origin,
      RECOMMENDATION_SERVICE_MAX_CONCURRENT: '5',
      RECOMMENDATION_SERVICE_MAX_QUEUE_WAIT_MS: '1000',
    });
    started.push(capped);
    const ask = (timeoutMs: string): Promise<unknown> =>
      capped.request('/dashboard/41', { headers: { 'x-request-timeout-ms': timeoutMs } });

    const first = Array.from({ length: 5 }, () => ask('700'));
    await until(() => slow.heads.length === 5, 'five are in flight');
    const second = Array.from({ length: 5 }, () => ask('1400'));
    await until(
      () => capped.held.includes(5) && capped.held.filter((held) => held === 5).length === 2,
      'five wait',
    );
    await Promise.all([...first, ...second]);

    expect(slow.heads).toHaveLength(10);
    expect(maxInFlight).toBe(5);
    await until(() => capped.held.every((held) => held === 0), 'nothing is held any more');
  });
});
