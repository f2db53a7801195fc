import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { HeldService, PATH, USER } from './support/held-service.ts';
import { until } from './support/service.ts';
import { SSE } from './support/stream-reader.ts';

/** A stream counts by how its answer ended, not by the 200 that it began with. */

let held: HeldService;
beforeAll(async () => {
  held = await HeldService.start();
});
afterAll(() => held.stop());

/** The requests and sections that were counted, without those at 0. */
async function counted(): Promise<string> {
  const text = await (await fetch(`${held.inner.managementUrl}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => /^aggregator_(requests|sections)_total/.test(line));
  return lines.filter((line) => !line.endsWith(' 0')).join('\n');
}

const nobodyIsLeft = () => until(() => held.inner.app.admission.inFlight === 0, 'nobody is left');

it('one with a missing section is a partial success, with its sections', async () => {
  const opening = held.open(PATH, SSE);
  await held.user.answer(USER);
  await held.orders.answer([]);
  await held.recommendations.fail();
  await (await opening).rest();
  await held.settle();
  await nobodyIsLeft();
  const text = await counted();
  expect(text).toContain('aggregator_requests_total{status="partial_success"} 1');
  expect(text).toContain('source="user",status="fresh",reason=""} 1');
  expect(text).toContain('source="recommendations",status="missing",reason="upstream_error"} 1');
});

it('one that ends in an error is a failure, and one whose user is not there is not found', async () => {
  const failing = held.open(`${PATH}&require=orders`, SSE);
  await held.user.answer(USER);
  await held.recommendations.answer([]);
  await held.orders.fail();
  expect((await (await failing).rest()).at(-1)?.event).toBe('error');
  await held.settle();
  const missing = held.open(PATH, SSE);
  await held.orders.answer([]);
  const stream = await missing;
  await held.user.fail(404);
  expect((await stream.rest()).at(-1)?.event).toBe('error');
  await held.settle();
  await nobodyIsLeft();
  const text = await counted();
  expect(text).toContain('aggregator_requests_total{status="failure"} 1');
  expect(text).toContain('aggregator_requests_total{status="not_found"} 1');
  expect(text).not.toContain('aggregator_requests_total{status="success"}');
});
