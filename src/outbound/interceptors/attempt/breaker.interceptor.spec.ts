import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import { breakerUnderTest } from '../../../../test/support/breaker.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import {
  AttemptTimeoutError,
  LocalExhaustionError,
  NoInstanceError,
  SourceStatusError,
} from '../../../errors/errors.ts';
import { BreakerInterceptor } from './breaker.interceptor.ts';

function guarded() {
  const breaker = breakerUnderTest();
  const ask = () => {
    const next = new HeldHandler();
    const call = outboundCall(breaker.clock);
    return { next, seen: watch(through(new BreakerInterceptor(breaker.gate), call, next)) };
  };
  return { ...breaker, ask };
}

describe('the breaker interceptor', () => {
  it.each<[string, Error, string]>([
    ['a 500', new SourceStatusError(500), 'open'],
    ['a redirect', new SourceStatusError(302), 'open'],
    ['a fair timeout', new AttemptTimeoutError(700, true), 'open'],
    ['a 404', new SourceStatusError(404), 'closed'],
    ['a 429', new SourceStatusError(429), 'closed'],
    ['an unfair timeout', new AttemptTimeoutError(20, false), 'closed'],
    ['no local socket', new LocalExhaustionError(), 'closed'],
    ['no instance', new NoInstanceError(), 'closed'],
    ['our bug', new TypeError('our bug'), 'closed'],
  ])('after four times %s', (_what, error, state) => {
    const { gate, ask } = guarded();
    for (let times = 0; times < 4; times += 1) ask().next.fail(error);
    expect(gate.state).toBe(state);
  });

  it('counts a value as a success', () => {
    const { gate, ask } = guarded();
    ask().next.fail(new SourceStatusError(500));
    for (let times = 0; times < 3; times += 1) ask().next.answer(THING);
    expect(gate.failureRatio).toBe(0.25);
  });

  it('does not count what is cancelled', () => {
    const { gate, attempts, ask } = guarded();
    attempts('fff');
    for (let times = 0; times < 10; times += 1) ask().seen.unsubscribe();
    expect(gate).toMatchObject({ state: 'closed', failureRatio: 1 });
  });

  it('does not count what is under way', () => {
    const { gate, attempts, ask } = guarded();
    for (let times = 0; times < 100; times += 1) ask();
    attempts('ffff');
    expect(gate.state).toBe('open');
  });

  it('asks again at the moment of sending: what was closed when it was peeked at may be open', () => {
    const { open, ask } = guarded();
    open();
    const { next, seen } = ask();
    expect(codesOf(seen.errors)).toEqual(['circuit_open']);
    expect(next.subscriptions).toBe(0);
  });

  it('has judged before the caller hears, so that a next call meets the new state', () => {
    const { gate, clock, attempts } = guarded();
    attempts('fff');
    const next = new HeldHandler();
    const states: string[] = [];
    through(new BreakerInterceptor(gate), outboundCall(clock), next).subscribe({
      error: () => states.push(gate.state),
    });
    next.fail(new SourceStatusError(500));
    expect(states).toEqual(['open']);
  });

  it('gives the slot of a cancelled probe back: neither closed nor reopened', () => {
    const { gate, halfOpen, ask } = guarded();
    halfOpen();
    const { seen } = ask();
    expect(gate.peek()).toBeDefined();
    seen.unsubscribe();
    expect(gate.state).toBe('half_open');
    expect(gate.peek()).toBeUndefined();
  });

  it.each<[string, (next: HeldHandler) => void]>([
    ['a value', (next) => next.answer(THING)],
    ['a failure', (next) => next.fail(new SourceStatusError(500))],
  ])(
    'hears nothing of %s of an attempt whose call was answered by another one',
    (_what, finish) => {
      const { gate, attempts, clock } = guarded();
      attempts('fs');
      const next = new HeldHandler();
      const call = outboundCall(clock);
      watch(through(new BreakerInterceptor(gate), call, next));
      call.attempt.isAbandoned = true;
      finish(next);
      expect(gate.failureRatio).toBe(0.5);
    },
  );
});
