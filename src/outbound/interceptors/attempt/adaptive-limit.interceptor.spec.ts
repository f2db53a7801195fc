import { expect, it } from '@jest/globals';
import { HeldHandler, outboundCall, THING, watch } from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { BulkheadFullError, SourceStatusError } from '../../../errors/errors.ts';
import { AdaptiveLimit } from '../../bulkhead/adaptive-limit.ts';
import { Bulkhead } from '../../bulkhead/bulkhead.ts';
import { compose, observe } from '../../outbound.interceptor.ts';
import { AdaptiveLimitInterceptor } from './adaptive-limit.interceptor.ts';
import { BulkheadInterceptor } from './bulkhead.interceptor.ts';

/** So many attempts under permits of an adaptive limit; each held until the test says how it ends. */
function asked(count: number) {
  const clock = new VirtualClock();
  const limit = new AdaptiveLimit(100, clock);
  const options = { maxConcurrent: 100, maxQueue: 0, maxQueueWaitMs: 0 };
  const bulkhead = new Bulkhead(options, clock, limit);
  const adaptive = new AdaptiveLimitInterceptor(limit, bulkhead, clock);
  const attempts = Array.from({ length: count }, () => {
    const next = new HeldHandler();
    const handler = compose([new BulkheadInterceptor(bulkhead), adaptive], next);
    return { next, seen: watch(observe(handler, outboundCall(clock))) };
  });
  clock.advance(100);
  return { limit, bulkhead, attempts };
}

it('the limit is what the bulkhead grants', () => {
  const { bulkhead, attempts } = asked(21);
  expect(bulkhead.limit).toBe(20);
  expect(bulkhead.inFlight).toBe(20);
  expect(attempts[20]?.seen.errors).toEqual([new BulkheadFullError()]);
});

it.each<[string, (next: HeldHandler) => void, number]>([
  ['an answer', (next) => next.answer(THING), 21],
  ['a sign of too much', (next) => next.fail(new SourceStatusError(503)), 18],
  ['another failure', (next) => next.fail(new SourceStatusError(500)), 20],
  ['a refusal of our own', (next) => next.fail(new BulkheadFullError()), 20],
])('%s under full use', (_what, end, current) => {
  const { limit, attempts } = asked(20);
  const [first] = attempts;
  if (first !== undefined) end(first.next);
  expect(limit.current).toBe(current);
});

it('a caller who leaves says nothing', () => {
  const { limit, attempts } = asked(20);
  for (const { seen } of attempts) seen.unsubscribe();
  expect(limit.current).toBe(20);
});
