import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import { CALL_ERRORS } from '../../../../test/support/call-errors.ts';
import { breakerUnderTest } from '../../../../test/support/breaker.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import { SourceStatusError, UnreachableError, type CallErrorCode } from '../../../errors/errors.ts';
import { RetryBudget } from '../../budget/retry-budget.ts';
import { Attempt } from '../../call/attempt.ts';
import { RecentLatency } from '../../latency/recent-latency.ts';
import { RetryInterceptor } from './retry.interceptor.ts';

/** Longest pause of its own. */
const PAUSE_MS = 25;

/** The layer alone, over attempts that the test ends one by one; half of the longest pause before each retry. */
function retrying({ retries = 1, random = 0.5 } = {}) {
  const { clock, gate, attempts, open } = breakerUnderTest();
  const budget = new RetryBudget();
  const latency = new RecentLatency(clock);
  const parts = { retries, budget, breaker: gate, latency, clock, random: () => random };
  const next = new HeldHandler();
  const call = outboundCall(clock, { totalMs: 1_500, reserveMs: 0 });
  const seen = watch(through(new RetryInterceptor(parts), call, next));
  return { clock, gate, attempts, open, budget, latency, next, call, seen };
}

const BUSY = new SourceStatusError(503);

describe('a failed attempt goes out again', () => {
  const RETRIED: ReadonlySet<string> = new Set<CallErrorCode>([
    'attempt_timeout',
    'unfair_timeout',
    'connect_timeout',
    'unreachable',
    'gateway_error',
    'request_timeout',
    'truncated_body',
  ]);

  it.each(Object.values(CALL_ERRORS).map((error) => ({ error, retried: RETRIED.has(error.code) })))(
    'after $error.code: $retried',
    ({ error, retried }) => {
      const { clock, next, budget, seen } = retrying();
      next.fail(error);
      expect(seen.errors).toEqual(retried ? [] : [error]);
      clock.advance(PAUSE_MS);
      expect(next.subscriptions).toBe(retried ? 2 : 1);
      expect(budget.balance).toBe(retried ? 9 : 10);
    },
  );

  it.each([503, 504])('after %d', (status) => {
    const { clock, next } = retrying();
    next.fail(new SourceStatusError(status));
    clock.advance(PAUSE_MS);
    expect(next.subscriptions).toBe(2);
  });

  it('after our own bug: never', () => {
    const { clock, next, seen } = retrying();
    next.fail(new TypeError('our bug'));
    clock.advance(PAUSE_MS);
    expect(codesOf(seen.errors)).toEqual(['our bug']);
    expect(next.subscriptions).toBe(1);
  });

  it('and brings the answer, as if nothing had happened', () => {
    const { clock, next, seen } = retrying();
    next.fail(BUSY);
    expect(seen.events).toEqual([]);
    clock.advance(PAUSE_MS);
    next.answer(THING);
    expect(seen.events).toEqual(['value', 'complete']);
    expect(seen.values).toEqual([{ value: THING }]);
  });
});

describe('the pause before a retry', () => {
  it.each([
    { random: 0, pauseMs: 0 },
    { random: 0.5, pauseMs: 12.5 },
    { random: 0.999, pauseMs: 24.975 },
  ])('is anywhere up to 25 ms: $pauseMs', ({ random, pauseMs }) => {
    const { clock, next } = retrying({ random });
    next.fail(BUSY);
    expect(next.subscriptions).toBe(1);
    if (pauseMs > 0) clock.advance(pauseMs - 0.01);
    expect(next.subscriptions).toBe(1);
    clock.advance(0.02);
    expect(next.subscriptions).toBe(2);
  });

  it('is as long as the source asks, and a little more: many were told the same at once', () => {
    const { clock, next } = retrying();
    next.fail(new SourceStatusError(503, 1_000));
    clock.advance(1_012);
    expect(next.subscriptions).toBe(1);
    clock.advance(1);
    expect(next.subscriptions).toBe(2);
  });

  it.each([
    { askedMs: 1_476, retried: true },
    { askedMs: 1_477, retried: false },
    { askedMs: 5_000, retried: false },
  ])(
    'of $askedMs ms, as the source asks, within a deadline of 1500: retried $retried',
    ({ askedMs, retried }) => {
      const { clock, next, budget, seen } = retrying();
      next.fail(new SourceStatusError(503, askedMs));
      expect(codesOf(seen.errors)).toEqual(retried ? [] : ['gateway_error']);
      expect(clock.pending).toBe(retried ? 1 : 0);
      expect(budget.balance).toBe(retried ? 9 : 10);
    },
  );

  it('leaves no timer when the call is cancelled', () => {
    const { clock, next, seen } = retrying();
    next.fail(BUSY);
    expect(clock.pending).toBe(1);
    seen.unsubscribe();
    expect(clock.pending).toBe(0);
    clock.advance(1_000);
    expect(next.subscriptions).toBe(1);
    expect(seen.events).toEqual([]);
  });

  it('that our late loop made longer than the deadline ends with the failure, and sends nothing', () => {
    const { clock, next, seen } = retrying();
    next.fail(BUSY);
    clock.stall(1_495);
    clock.advance(0);
    expect(next.subscriptions).toBe(1);
    expect(seen.errors).toEqual([BUSY]);
    expect(clock.pending).toBe(0);
  });
});

describe('a failed attempt does not go out again', () => {
  it.each([
    { usualMs: 400, leftMs: 420, retried: true },
    { usualMs: 400, leftMs: 370, retried: false },
    { usualMs: 2, leftMs: 24, retried: true },
    { usualMs: 2, leftMs: 23, retried: false },
  ])(
    'when a usual answer ($usualMs ms) does not fit what is left ($leftMs ms): $retried',
    ({ usualMs, leftMs, retried }) => {
      const { clock, latency, next, budget } = retrying();
      for (let answer = 0; answer < 9; answer += 1) latency.record(usualMs);
      clock.advance(1_500 - leftMs);
      next.fail(BUSY);
      clock.advance(PAUSE_MS);
      expect(next.subscriptions).toBe(retried ? 2 : 1);
      expect(budget.balance).toBe(retried ? 9 : 10);
    },
  );

  it('when the budget is empty', () => {
    const { clock, next, budget, seen } = retrying();
    while (budget.withdraw('retry'));
    next.fail(BUSY);
    clock.advance(PAUSE_MS);
    expect(seen.errors).toEqual([BUSY]);
    expect(next.subscriptions).toBe(1);
    expect(budget.balance).toBe(0);
  });

  it('when the breaker has opened, maybe because of it', () => {
    const { next, open, budget, seen } = retrying();
    open();
    next.fail(BUSY);
    expect(seen.errors).toEqual([BUSY]);
    expect(budget.balance).toBe(10);
  });

  it('beside a hedge: a call has one extra attempt for slowness or for failure, not both', () => {
    const { next, call, seen } = retrying();
    for (const kind of ['first', 'hedge'] as const) call.context.trail.add(new Attempt(kind));
    next.fail(BUSY);
    expect(seen.errors).toEqual([BUSY]);
  });
});

describe('the number of retries', () => {
  it.each([1, 3])('is at most as configured: %d, and the last failure is told', (retries) => {
    const { clock, next, budget, seen } = retrying({ retries });
    for (let attempt = 0; attempt < retries; attempt += 1) {
      next.fail(new SourceStatusError(502));
      expect(seen.errors).toEqual([]);
      clock.advance(PAUSE_MS);
    }
    next.fail(BUSY);
    expect(seen.errors).toEqual([BUSY]);
    expect(next.subscriptions).toBe(1 + retries);
    expect(budget.balance).toBe(10 - retries);
    expect(clock.pending).toBe(0);
  });

  it('ends with a failure that no other attempt would mend', () => {
    const { clock, next, seen } = retrying({ retries: 3 });
    next.fail(BUSY);
    clock.advance(PAUSE_MS);
    next.fail(new SourceStatusError(404));
    expect(codesOf(seen.errors)).toEqual(['not_found']);
  });

  it('is known to each attempt: the last one is told that it is the last', () => {
    const { clock, next, call } = retrying({ retries: 1 });
    expect(call.attempt.isLast).toBe(false);
    next.fail(BUSY);
    clock.advance(PAUSE_MS);
    expect(next.attempts).toMatchObject([{ kind: 'first' }, { kind: 'retry', isLast: true }]);
    expect(next.attempts[1]?.wire).not.toBe(call.attempt.wire);
  });
});

describe('a retry that we refuse ourselves', () => {
  it.each(['bulkhead_full', 'queue_timeout', 'circuit_open', 'deadline_exceeded'] as const)(
    'reports what the source said before: %s',
    (refusal) => {
      const { clock, next, seen } = retrying({ retries: 3 });
      next.fail(new SourceStatusError(502));
      clock.advance(PAUSE_MS);
      next.fail(BUSY);
      clock.advance(PAUSE_MS);
      next.fail(CALL_ERRORS[refusal]);
      expect(seen.errors).toEqual([BUSY]);
      expect(clock.pending).toBe(0);
    },
  );

  it('reports its own failure when it had one', () => {
    const { clock, next, seen } = retrying();
    next.fail(BUSY);
    clock.advance(PAUSE_MS);
    next.fail(new UnreachableError());
    expect(codesOf(seen.errors)).toEqual(['unreachable']);
  });
});
