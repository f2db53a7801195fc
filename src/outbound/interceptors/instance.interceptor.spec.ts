import { describe, expect, it } from '@jest/globals';
import { of, type Observable } from 'rxjs';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../test/support/outbound.ts';
import { seededRandom, VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Balancer } from '../../instances/balancer.ts';
import { fixedList } from '../../instances/discovery.ts';
import { InstanceInterceptor } from './instance.interceptor.ts';

function balanced(urls: string) {
  const instances = urls === '' ? [] : fixedList(urls);
  const interceptor = new InstanceInterceptor(new Balancer(instances, seededRandom(1)));
  const clock = new VirtualClock();
  const ask = () => {
    const next = new HeldHandler();
    const call = outboundCall(clock);
    return { next, call, seen: watch(interceptor.intercept(call, next)) };
  };
  return { instances, interceptor, clock, ask };
}

describe('the instance interceptor', () => {
  it('writes the picked instance into the attempt before it goes on', () => {
    const { instances, interceptor, clock } = balanced('http://a:80');
    const call = outboundCall(clock);
    let picked: unknown;
    const next = {
      handle: (): Observable<never> => {
        picked = call.attempt.instance;
        return of({ value: THING }) as Observable<never>;
      },
    };
    watch(interceptor.intercept(call, next));
    expect(picked).toBe(instances[0]);
  });

  it('counts an attempt at its instance until the socket is done, however it ended', () => {
    const { instances, ask } = balanced('http://a:80');
    const [answered, failed, cancelled] = [ask(), ask(), ask()];
    const inFlight = (): number | undefined => instances[0]?.inFlight;
    expect(inFlight()).toBe(3);
    answered.next.answer(THING);
    failed.next.fail(new Error('broken'));
    cancelled.seen.unsubscribe();
    expect(inFlight()).toBe(3);
    for (const { call } of [answered, failed, cancelled]) call.attempt.wire.free();
    expect(inFlight()).toBe(0);
  });

  it('sends the next attempt to the one that is not busy', () => {
    const { instances, ask } = balanced('http://a:80,http://b:80');
    ask();
    ask();
    expect(instances.map(({ inFlight }) => inFlight)).toEqual([1, 1]);
  });

  it('refuses when no instance is known', () => {
    const { next, seen } = balanced('').ask();
    expect(codesOf(seen.errors)).toEqual(['no_instance']);
    expect(next.subscriptions).toBe(0);
  });
});
