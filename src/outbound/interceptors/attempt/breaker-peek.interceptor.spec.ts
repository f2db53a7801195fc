import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import { breakerUnderTest } from '../../../../test/support/breaker.ts';
import { codesOf, HeldHandler, outboundCall, watch } from '../../../../test/support/outbound.ts';
import { BreakerPeekInterceptor } from './breaker-peek.interceptor.ts';

function peeking() {
  const breaker = breakerUnderTest();
  const next = new HeldHandler();
  const ask = () => {
    const call = outboundCall(breaker.clock);
    return watch(through(new BreakerPeekInterceptor(breaker.gate), call, next));
  };
  return { ...breaker, next, ask };
}

describe('the breaker peek interceptor', () => {
  it('lets a call pass while the breaker is closed, and takes no pass', () => {
    const { gate, next, ask } = peeking();
    ask();
    expect(next.subscriptions).toBe(1);
    expect(gate.failureRatio).toBe(0);
  });

  it('refuses while the breaker is open, and says when to come back', () => {
    const { next, open, ask } = peeking();
    open();
    const { errors } = ask();
    expect(codesOf(errors)).toEqual(['circuit_open']);
    expect(errors[0]).toMatchObject({ retryAfterMs: 1_000 });
    expect(next.subscriptions).toBe(0);
  });

  it('lets a call pass when a probe may go, without taking its slot', () => {
    const { gate, next, halfOpen, ask } = peeking();
    halfOpen();
    ask();
    ask();
    expect(next.subscriptions).toBe(2);
    expect(gate.acquire().isProbe).toBe(true);
  });

  it('refuses while a probe is under way', () => {
    const { gate, halfOpen, ask } = peeking();
    halfOpen();
    gate.acquire();
    expect(codesOf(ask().errors)).toEqual(['circuit_open']);
  });
});
