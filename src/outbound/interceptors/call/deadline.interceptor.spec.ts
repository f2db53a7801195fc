import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import { whenExpired } from '../../../../test/support/when-expired.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { AttemptTimeoutError } from '../../../errors/errors.ts';
import { LEAST_USEFUL_MS } from '../../call/least-useful.ts';
import { DeadlineInterceptor } from './deadline.interceptor.ts';

function asked(totalMs?: number, waitedMs = 0) {
  const clock = new VirtualClock();
  const next = new HeldHandler();
  const call = outboundCall(clock, totalMs === undefined ? {} : { totalMs });
  clock.advance(waitedMs);
  const seen = watch(through(new DeadlineInterceptor(), call, next));
  return { clock, next, seen, deadline: call.context.deadline };
}

describe('the deadline interceptor', () => {
  it('gives the call up when the answer is put together, and cancels what is below', () => {
    const { clock, next, seen } = asked();
    clock.advance(1_439);
    expect(seen.events).toEqual([]);
    clock.advance(1);
    expect(codesOf(seen.errors)).toEqual(['deadline_exceeded']);
    expect(next.cancellations).toBe(1);
  });

  it('lets an inner layer say first what happened', () => {
    const { clock, next, seen, deadline } = asked();
    whenExpired(deadline, () => next.fail(new AttemptTimeoutError(1_440, true)));
    clock.advance(1_440);
    expect(codesOf(seen.errors)).toEqual(['attempt_timeout']);
  });

  it('uses the shorter deadline of a caller', () => {
    const { clock, seen } = asked(400);
    clock.advance(340);
    expect(codesOf(seen.errors)).toEqual(['deadline_exceeded']);
  });

  it('does not begin what cannot end in time', () => {
    const { next, seen, clock } = asked(1_500, 1_440 - LEAST_USEFUL_MS + 0.5);
    expect(codesOf(seen.errors)).toEqual(['too_late']);
    expect(next.subscriptions).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('begins what has just enough time', () => {
    const { next } = asked(1_500, 1_440 - LEAST_USEFUL_MS);
    expect(next.subscriptions).toBe(1);
  });

  it('does not begin anything for a deadline that has passed', () => {
    expect(codesOf(asked(1_500, 5_000).seen.errors)).toEqual(['too_late']);
  });

  it('does not begin what is shed', () => {
    const clock = new VirtualClock();
    const next = new HeldHandler();
    const call = outboundCall(clock);
    const context = { ...call.context, isShed: true };
    const seen = watch(through(new DeadlineInterceptor(), { ...call, context }, next));
    expect(codesOf(seen.errors)).toEqual(['shed']);
    expect(next.subscriptions).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('hears nothing of the deadline once the call is over', () => {
    const { clock, next, seen } = asked();
    next.answer(THING);
    clock.advance(10_000);
    expect(seen.events).toEqual(['value', 'complete']);
  });
});
