import http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Faults } from '../demo/faults.ts';
import { SOURCE_NAMES, type SourceName } from '../src/clients/sources.ts';
import { answerOf, problemOf, QUIET, TestService, until } from './support/service.ts';

/** Every answer is out by the deadline, and whoever no longer waits costs nothing. Both transports, real sockets. */

/** What a noisy machine may add between our last byte and the test's clock. */
const SLACK_MS = 250;

describe.each(['undici', 'axios'])('over %s', (TRANSPORT) => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ ...QUIET, TRANSPORT, SOURCE_BREAKER_MIN_CALLS: '100000' });
  });
  afterAll(() => service.stop());
  afterEach(() =>
    until(() => service.held.every((held) => held === 0), 'nothing is held any more'),
  );

  it('one hanging source: the others, at the deadline less the reserve', async () => {
    service.script({ recommendations: { badAnswer: 'hang' } });
    const response = await service.request('/dashboard/41');
    const answer = answerOf(response);
    expect(answer.missing).toEqual(['recommendations']);
    expect(answer.sources.recommendations).toMatchObject({ reason: 'timeout', attempts: 1 });
    expect(answer.sources.recommendations?.elapsedMs).toBeGreaterThanOrEqual(1439);
    expect(answer.meta.elapsedMs).toBeLessThan(1500 + SLACK_MS);
    expect(response.elapsedMs).toBeLessThan(1500 + SLACK_MS);
    await until(
      () => service.sources.recommendations.counts.aborted === 1,
      'the hanging call is aborted',
    );
    expect(service.sources.recommendations.counts.inFlight).toBe(0);
  });

  it('every source hanging: a 504 in time', async () => {
    service.script(all({ badAnswer: 'hang' }));
    const response = await service.request('/dashboard/41');
    expect(response.status).toBe(504);
    expect(response.elapsedMs).toBeLessThan(1500 + SLACK_MS);
    await until(
      () => SOURCE_NAMES.every((name) => service.sources[name].counts.aborted === 1),
      'all are aborted',
    );
  });

  it('a source that drips its body does not stretch it', async () => {
    service.script({ user: { badAnswer: 'drip' } });
    const response = await service.request('/dashboard/41');
    expect(answerOf(response).sources.user).toMatchObject({ reason: 'timeout' });
    expect(response.elapsedMs).toBeLessThan(1500 + SLACK_MS);
    await until(() => service.sources.user.counts.aborted === 1, 'the dripping call is aborted');
  });

  it("the caller's own deadline shortens ours, and is what the sources are told", async () => {
    service.script({ orders: { badAnswer: 'hang' } });
    const response = await service.request('/dashboard/41', {
      headers: { 'x-request-timeout-ms': '300' },
    });
    const answer = answerOf(response);
    expect(answer.meta.deadlineMs).toBe(300);
    expect(answer.sources.orders).toMatchObject({ reason: 'timeout' });
    expect(response.elapsedMs).toBeGreaterThan(200);
    expect(response.elapsedMs).toBeLessThan(300 + SLACK_MS);
    const told = Number(service.sources.orders.seen[0]?.headers['x-request-timeout-ms']);
    expect(told).toBeGreaterThan(100);
    expect(told).toBeLessThanOrEqual(230);
  });

  it("the caller's own deadline does not lengthen ours", async () => {
    service.script();
    const answer = answerOf(
      await service.request('/dashboard/41', {
        headers: { 'x-request-timeout-ms': '99999999999999' },
      }),
    );
    expect(answer.meta.deadlineMs).toBe(1500);
  });

  it('with no time to try, nothing is sent', async () => {
    service.script();
    const response = await service.request('/dashboard/41', {
      headers: { 'x-request-timeout-ms': '1' },
    });
    expect(response.status).toBe(503);
    expect(problemOf(response).sources?.user).toMatchObject({ reason: 'skipped', attempts: 0 });
    expect(service.asked).toBe(0);
  });

  it('a caller who hangs up cancels all calls at once', async () => {
    service.script(all({ badAnswer: 'hang' }));
    const request = http.get({
      host: '127.0.0.1',
      port: service.port,
      path: '/dashboard/41',
      agent: false,
    });
    request.on('error', () => undefined);
    await until(() => service.asked === SOURCE_NAMES.length, 'all are asked');

    const hungUpAt = performance.now();
    request.destroy();

    await until(
      () => SOURCE_NAMES.every((name) => service.sources[name].counts.aborted === 1),
      'all are aborted',
    );
    // 50 ms are promised; the rest is for the machine. Without the cancel it would be 1,440 ms.
    expect(performance.now() - hungUpAt).toBeLessThan(50 + SLACK_MS);
  });

  it('a late loop is not evidence: an answer that lies in the kernel is used', async () => {
    await until(
      () => service.held.every((held) => held === 0),
      'nothing is left of the tests before',
    );
    service.script(all({ latencyMs: 40 }));
    const afterABlock = async (): Promise<unknown> => {
      const before = service.asked;
      const headers = { 'x-request-timeout-ms': '200' };
      const asked = service.request('/dashboard/41', { headers });
      await until(() => service.asked >= before + SOURCE_NAMES.length, 'all are asked');
      // The sources' timers and our deadline all come due while nobody is listening.
      block(400);
      return answerOf(await asked).status;
    };
    // A busy machine may hand the bytes over later than at once; given up before the poll, they never would be used.
    const ends = [await afterABlock()];
    while (ends.length < 5 && !ends.includes('success')) ends.push(await afterABlock());
    expect(ends).toContain('success');
  });
});

const all = (faults: Partial<Faults>): Partial<Record<SourceName, Partial<Faults>>> =>
  Object.fromEntries(SOURCE_NAMES.map((name) => [name, faults]));

function block(ms: number): void {
  const endAt = performance.now() + ms;
  while (performance.now() < endAt);
}
