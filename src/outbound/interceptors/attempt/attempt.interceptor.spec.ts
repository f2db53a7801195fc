import { describe, expect, it } from '@jest/globals';
import { of, type Observable } from 'rxjs';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import { seededRandom, VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../../../errors/errors.ts';
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
  const interceptor = new AttemptInterceptor({
    balancer,
    budget: new RetryBudget(),
    latency,
    listeners: [],
    clock,
  });
  const ask = () => {
    const next = new HeldHandler();
    const call = outboundCall(clock);
    const seen = watch(interceptor.intercept(call, next));
    return { next, call, seen, instance: call.attempt.instance as Instance };
  };
  return { latency, interceptor, clock, ask };
}

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
    watch(interceptor.intercept(call, next));
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
    watch(interceptor.intercept(call, next));
    watch(interceptor.intercept({ ...call, attempt: new Attempt('retry') }, next));
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
});
