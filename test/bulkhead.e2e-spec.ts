import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answerOf, TestService, until } from './support/service.ts';
import { RemoteSource } from './support/remote-source.ts';

/** Never more than the cap at the source, as the source itself counts, whatever the callers do. */

describe.each(['undici', 'axios'])('over %s', (TRANSPORT) => {
  let service: TestService;
  let recommendations: RemoteSource;
  beforeAll(async () => {
    recommendations = await RemoteSource.start('recommendations');
    service = await TestService.start({
      TRANSPORT,
      RECOMMENDATION_SERVICE_URL: recommendations.url,
      // A slow start of 100 connections at once on a busy machine is not what is tested here.
      RECOMMENDATION_SERVICE_CONNECT_TIMEOUT_MS: '1400',
    });
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
    expect(service.held).toEqual([0, 0, 0, 0, 0, 0]);
    // Our own refusals are no verdict on the source.
    const { status, text } = await service.request('/health/ready');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ status: 'ok' });
  });

  it('callers who hang up early do not make room before their sockets are closed', async () => {
    await recommendations.script({ badAnswer: 'hang' });
    for (let wave = 0; wave < 4; wave += 1) {
      const requests = Array.from({ length: 150 }, () =>
        http
          .get({ host: '127.0.0.1', port: service.port, path: '/dashboard/41', agent: false })
          .on('error', () => undefined),
      );
      await until(() => service.held.some((held) => held >= 100), 'the bulkhead is full');
      for (const request of requests) request.destroy();
    }
    await until(() => service.held.every((held) => held === 0), 'nothing is held any more');
    expect((await recommendations.counts()).maxInFlight).toBeLessThanOrEqual(100);
  });
});
