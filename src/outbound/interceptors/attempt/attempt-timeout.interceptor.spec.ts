import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import { attemptLimitOf, type LimitSurroundings } from '../../../../test/support/attempt-limit.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { LoopLag } from '../../../context/loop-lag.ts';
import { RecentLatency } from '../../latency/recent-latency.ts';
import type { OutboundHandler } from '../../outbound.interceptor.ts';
import { AttemptTimeoutInterceptor } from './attempt-timeout.interceptor.ts';

function timed(timeoutMs: number, totalMs = 1_500) {
  const clock = new VirtualClock();
  const loopLag = new LoopLag(clock);
  const latency = new RecentLatency(clock);
  const limit = attemptLimitOf(latency, { fixedMs: timeoutMs });
  const interceptor = new AttemptTimeoutInterceptor(limit, latency, loopLag, clock);
  const next = new HeldHandler();
  const call = outboundCall(clock, { totalMs });
  const ask = (handler: OutboundHandler = next) => watch(through(interceptor, call, handler));
  return { clock, loopLag, latency, next, call, ask };
}

describe('the attempt timeout interceptor', () => {
  it('gives up after the configured time, and cancels what is below', () => {
    const { clock, next, ask } = timed(500);
    const seen = ask();
    clock.advance(499);
    expect(seen.events).toEqual([]);
    clock.advance(1);
    expect(codesOf(seen.errors)).toEqual(['attempt_timeout']);
    expect(seen.errors[0]).toMatchObject({ message: 'no answer within 500 ms' });
    expect(next.cancellations).toBe(1);
  });

  it.each([0, 1_440, 5_000])('with %d ms runs to the deadline, on its timer', (timeoutMs) => {
    const { clock, ask } = timed(timeoutMs);
    const seen = ask();
    expect(clock.pending).toBe(1);
    clock.advance(1_439);
    expect(seen.events).toEqual([]);
    clock.advance(1);
    expect(seen.errors[0]).toMatchObject({
      code: 'attempt_timeout',
      message: 'no answer within 1440 ms',
    });
  });

  it('runs to a deadline that is nearer than the configured time', () => {
    const { clock, ask } = timed(500, 400);
    const seen = ask();
    clock.advance(340);
    expect(codesOf(seen.errors)).toEqual(['attempt_timeout']);
  });

  it.each([0, 500])(
    'uses an answer that arrived before the loop came round (%d ms)',
    (timeoutMs) => {
      const { clock, next, ask } = timed(timeoutMs);
      const seen = ask();
      clock.stall(2_000);
      clock.arrive(() => next.answer(THING));
      clock.advance(0);
      expect(seen.events).toEqual(['value', 'complete']);
      clock.advance(10_000);
      expect(clock.pending).toBe(0);
    },
  );

  it('takes its timer back when the attempt is over', () => {
    const { clock, next, call, ask } = timed(500);
    ask();
    next.answer(THING);
    call.dispose();
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer when what is below throws', () => {
    const { clock, call, ask } = timed(500);
    const seen = ask({
      handle: () => {
        throw new TypeError('our bug');
      },
    });
    call.dispose();
    expect(codesOf(seen.errors)).toEqual(['our bug']);
    expect(clock.pending).toBe(0);
  });
});

describe('a timeout is held against the source', () => {
  it.each([
    { budgetMs: 99, code: 'unfair_timeout' },
    { budgetMs: 100, code: 'attempt_timeout' },
  ])('after $budgetMs ms of a source nobody knows yet: $code', ({ budgetMs, code }) => {
    const { clock, ask } = timed(budgetMs);
    const seen = ask();
    clock.advance(budgetMs);
    expect(codesOf(seen.errors)).toEqual([code]);
  });

  it.each([
    { budgetMs: 300, code: 'unfair_timeout' },
    { budgetMs: 450, code: 'attempt_timeout' },
  ])('after $budgetMs ms of a source that usually needs 400: $code', ({ budgetMs, code }) => {
    const { clock, latency, ask } = timed(budgetMs);
    for (let answer = 0; answer < 10; answer += 1) latency.record(400);
    const seen = ask();
    clock.advance(budgetMs);
    expect(codesOf(seen.errors)).toEqual([code]);
  });

  it('only if our own loop was listening all the time', () => {
    const { clock, loopLag, ask } = timed(500);
    loopLag.start();
    const seen = ask();
    clock.advance(100);
    clock.stall(200);
    clock.advance(200);
    expect(codesOf(seen.errors)).toEqual(['unfair_timeout']);
  });

  it('also if our loop had been late before the attempt', () => {
    const { clock, loopLag, ask } = timed(500);
    loopLag.start();
    clock.stall(200);
    clock.advance(1);
    const seen = ask();
    clock.advance(500);
    expect(codesOf(seen.errors)).toEqual(['attempt_timeout']);
  });
});

describe('an attempt at its limit', () => {
  /** Adapts: a source with two instances that nothing is known of gets 700 ms. */
  function adapting(surroundings: LimitSurroundings = {}) {
    const clock = new VirtualClock();
    const latency = new RecentLatency(clock);
    const interceptor = new AttemptTimeoutInterceptor(
      attemptLimitOf(latency, surroundings),
      latency,
      new LoopLag(clock),
      clock,
    );
    const ask = (isLast = false) => {
      const call = outboundCall(clock);
      call.attempt.isLast = isLast;
      const seen = watch(through(interceptor, call, new HeldHandler()));
      return { ...seen, end: () => call.dispose() };
    };
    return { clock, latency, ask };
  }

  it('is cut, while another one may follow', () => {
    const { clock, ask } = adapting();
    const { errors } = ask();
    clock.advance(699);
    expect(errors).toEqual([]);
    clock.advance(1);
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
  });

  it('is not cut when it is the last one', () => {
    const { clock, ask } = adapting();
    const { errors } = ask(true);
    clock.advance(1_439);
    expect(errors).toEqual([]);
    clock.advance(1);
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
  });

  it.each<[string, LimitSurroundings]>([
    ['the budget was spent meanwhile', { affords: false }],
    ['the breaker opened meanwhile', { breaker: 'open' }],
  ])('goes on to the deadline when %s', (_what, change) => {
    const surroundings: LimitSurroundings = {};
    const { clock, ask } = adapting(surroundings);
    const { errors } = ask();
    clock.advance(699);
    Object.assign(surroundings, change);
    clock.advance(740);
    expect(errors).toEqual([]);
    clock.advance(1);
    expect(errors[0]).toMatchObject({ message: 'no answer within 1440 ms' });
  });

  it('goes on when the limit has grown meanwhile, up to that', () => {
    const { clock, latency, ask } = adapting();
    const { errors, end } = ask();
    clock.advance(600);
    for (let answer = 0; answer < 100; answer += 1) latency.record(300);
    clock.advance(200);
    expect(errors).toEqual([]);
    clock.advance(100);
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
    end();
    expect(clock.pending).toBe(0);
  });

  it('is not cut earlier when the limit has shrunk meanwhile: it is looked at when it is reached', () => {
    const { clock, latency, ask } = adapting();
    const { errors } = ask();
    for (let answer = 0; answer < 100; answer += 1) latency.record(10);
    clock.advance(699);
    expect(errors).toEqual([]);
    clock.advance(1);
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
  });

  it('leaves nothing behind when it is cancelled between the limit and the poll', () => {
    const { clock, latency, ask } = adapting();
    const { unsubscribe, events, end } = ask();
    for (let answer = 0; answer < 100; answer += 1) latency.record(300);
    // In the poll of the turn in which the timer of the limit runs.
    clock.setTimeout(() => clock.arrive(() => unsubscribe()), 700);
    clock.advance(700);
    end();
    expect(clock.pending).toBe(0);
    clock.advance(5_000);
    expect(events).toEqual([]);
  });
});
