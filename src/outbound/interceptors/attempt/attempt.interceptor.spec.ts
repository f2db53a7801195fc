import { describe, expect, it } from '@jest/globals';
import { of, type Observable } from 'rxjs';
import { through } from '../../../../test/support/layered.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import { seededRandom, VirtualClock } from '../../../../test/support/virtual-clock.ts';
import {
  AttemptTimeoutError,
  SourceStatusError,
  StaleSocketError,
} from '../../../errors/errors.ts';
import { Balancer } from '../../../instances/balancer.ts';
import type { Instance } from '../../../instances/instance.ts';
import { RetryBudget } from '../../budget/retry-budget.ts';
import { Attempt } from '../../call/attempt.ts';
import { RecentLatency } from '../../latency/recent-latency.ts';
import { AttemptInterceptor } from './attempt.interceptor.ts';

function balanced(urls: string) {
  const clock = new VirtualClock();
  const balancer = new Balancer(clock, seededRandom(1));
  balancer.update(
    urls
      .split(',')
      .filter(Boolean)
      .map((origin) => ({ origin, weight: 1 })),
  );
  const latency = new RecentLatency(clock);
  const budget = new RetryBudget();
  const told: Attempt[] = [];
  const interceptor = new AttemptInterceptor({
    balancer,
    budget,
    latency,
    listeners: [{ attemptEnded: (_call, attempt) => void told.push(attempt) }, {}],
    clock,
  });
  const learnt: Learnt[] = [];
  const { ended } = balancer;
  balancer.ended = (instance, ...rest) => {
    learnt.push([instance.address, ...rest]);
    ended.call(balancer, instance, ...rest);
  };
  const ask = () => {
    const next = new HeldHandler();
    const call = outboundCall(clock);
    const seen = watch(through(interceptor, call, next));
    return { next, call, seen, instance: call.attempt.instance as Instance };
  };
  return { latency, budget, balancer, told, learnt, interceptor, clock, ask };
}

/** What the balancer was told: of which instance, what, after how long, and when to come back. */
type Learnt = readonly [address: string, ...unknown[]];

describe('the attempt interceptor', () => {
  it('writes the picked instance into the attempt before it goes on', () => {
    const { interceptor, clock } = balanced('http://a:80');
    const call = outboundCall(clock);
    let picked: unknown;
    const next = {
      handle: (): Observable<never> => {
        picked = call.attempt.instance;
        return of({ value: THING }) as Observable<never>;
      },
    };
    watch(through(interceptor, call, next));
    expect(picked).toMatchObject({ address: 'a' });
  });

  it('counts an attempt at its instance until the socket is done, however it ended', () => {
    const { ask } = balanced('http://a:80');
    const [answered, failed, cancelled] = [ask(), ask(), ask()];
    const inFlight = (): number => answered.instance.inFlight;
    expect(inFlight()).toBe(3);
    answered.next.answer(THING);
    failed.next.fail(new Error('broken'));
    cancelled.seen.unsubscribe();
    expect(inFlight()).toBe(3);
    for (const { call } of [answered, failed, cancelled]) call.attempt.wire.free();
    expect(inFlight()).toBe(0);
  });

  it('sends the next attempt to the one that is not busy', () => {
    const { ask } = balanced('http://a:80,http://b:80');
    expect([ask(), ask()].map(({ instance }) => instance.inFlight)).toEqual([1, 1]);
  });

  it('remembers how long an answer took, not how long a failure did', () => {
    const { clock, latency, ask } = balanced('http://a:80');
    const answered = ask();
    clock.advance(200);
    answered.next.answer(THING);
    const failed = ask();
    clock.advance(700);
    failed.next.fail(new SourceStatusError(500));
    expect(latency.quantile(1)).toBeGreaterThan(180);
    expect(latency.quantile(1)).toBeLessThanOrEqual(200);
  });

  it('numbers the attempts of a call in the order of sending', () => {
    const { clock, interceptor } = balanced('http://a:80');
    const call = outboundCall(clock);
    const next = new HeldHandler();
    watch(through(interceptor, call, next));
    watch(through(interceptor, { ...call, attempt: new Attempt('retry') }, next));
    expect(call.context.trail.attempts).toMatchObject([
      { number: 1, kind: 'first' },
      { number: 2, kind: 'retry' },
    ]);
  });

  it('refuses when no instance is known', () => {
    const { next, seen } = balanced('').ask();
    expect(codesOf(seen.errors)).toEqual(['no_instance']);
    expect(next.subscriptions).toBe(0);
  });

  it('pays into the budget for first attempts only, when they are sent', () => {
    const { budget, clock, interceptor } = balanced('http://a:80');
    for (const kind of ['first', 'retry', 'hedge', 'first'] as const)
      watch(
        through(
          interceptor,
          { ...outboundCall(clock), attempt: new Attempt(kind) },
          new HeldHandler(),
        ),
      );
    expect(budget.balance).toBe(10.2);
  });

  it('pays nothing for what was never sent', () => {
    const { budget, ask } = balanced('');
    ask();
    expect(budget.balance).toBe(10);
  });

  it('sends an attempt where its call has not been yet, as long as there is such a place', () => {
    const { clock, interceptor } = balanced('http://a:80,http://b:80,http://c:80');
    const call = outboundCall(clock);
    for (let tries = 0; tries < 4; tries += 1)
      watch(through(interceptor, { ...call, attempt: new Attempt('retry') }, new HeldHandler()));
    const hosts = call.context.trail.attempts.map(({ instance }) => instance?.address);
    expect(new Set(hosts.slice(0, 3))).toEqual(new Set(['a', 'b', 'c']));
    expect(hosts).toHaveLength(4);
  });

  it.each<[string, (ended: ReturnType<ReturnType<typeof balanced>['ask']>) => void, unknown[]]>([
    ['an answer', ({ next }) => next.answer(THING), ['answered', 30, undefined]],
    ['a 404', ({ next }) => next.fail(new SourceStatusError(404)), ['answered', 30, undefined]],
    ['a 500', ({ next }) => next.fail(new SourceStatusError(500)), ['failed', 30, undefined]],
    [
      'a 503 that says when',
      ({ next }) => next.fail(new SourceStatusError(503, 900)),
      ['failed', 30, 900],
    ],
    ['a 429', ({ next }) => next.fail(new SourceStatusError(429, 900)), ['limited', 30, 900]],
    [
      'a fair timeout',
      ({ next }) => next.fail(new AttemptTimeoutError(30, true)),
      ['failed', 30, undefined],
    ],
    [
      'an unfair timeout',
      ({ next }) => next.fail(new AttemptTimeoutError(30, false)),
      ['abandoned', 30, undefined],
    ],
    [
      'a stale connection',
      ({ next }) => next.fail(new StaleSocketError()),
      ['none', 30, undefined],
    ],
    ['our bug', ({ next }) => next.fail(new TypeError('our bug')), ['none', 30, undefined]],
    ['a cancellation', ({ seen }) => seen.unsubscribe(), ['abandoned', 30, undefined]],
  ])('tells the balancer once of %s', (_what, finish, evidence) => {
    const { clock, learnt, ask } = balanced('http://a:80');
    const attempt = ask();
    clock.advance(30);
    finish(attempt);
    attempt.seen.unsubscribe();
    expect(learnt).toEqual([['a', ...evidence]]);
  });

  it.each<[string, Error, number]>([
    ['a fair timeout counts as long as it lasted', new AttemptTimeoutError(700, true), 1],
    [
      'an unfair one does not: the source may have needed far longer',
      new AttemptTimeoutError(50, false),
      0,
    ],
    ['a 404 is an answer', new SourceStatusError(404), 1],
    ['a 500 is none', new SourceStatusError(500), 0],
    ['a 429 is none', new SourceStatusError(429), 0],
  ])('learns how long the source takes: %s', (_what, error, count) => {
    const { clock, latency, ask } = balanced('http://a:80');
    const { next } = ask();
    clock.advance(700);
    next.fail(error);
    expect(latency.count).toBe(count);
    expect(latency.quantile(1) > 630).toBe(count === 1);
  });

  it('learns nothing from what was cancelled', () => {
    const { clock, latency, ask } = balanced('http://a:80');
    const { seen } = ask();
    clock.advance(700);
    seen.unsubscribe();
    expect(latency.count).toBe(0);
  });

  it.each<[string, (next: HeldHandler, cancel: () => void) => void, string]>([
    ['answered', (next) => next.answer(THING), 'ok'],
    ['failed', (next) => next.fail(new SourceStatusError(500)), 'upstream_error'],
    ['was cancelled', (_next, cancel) => cancel(), 'cancelled'],
  ])('tells the listeners when an attempt %s, with its times in it', (_how, finish, outcome) => {
    const { clock, told, ask } = balanced('http://a:80');
    clock.advance(5);
    const { next, seen } = ask();
    clock.advance(30);
    expect(told).toEqual([]);
    finish(next, () => seen.unsubscribe());
    seen.unsubscribe();
    expect(told).toMatchObject([
      { number: 1, outcome, startedAt: clock.now() - 30, endedAt: clock.now() },
    ]);
  });
});
