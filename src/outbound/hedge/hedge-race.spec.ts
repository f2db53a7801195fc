import { describe, expect, it } from '@jest/globals';
import { CALL_ERRORS } from '../../../test/support/call-errors.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { CallErrorCode } from '../../errors/errors.ts';
import type { Attempt } from '../call/attempt.ts';
import { observe, type OutboundHandler } from '../outbound.interceptor.ts';
import { HedgeRace } from './hedge-race.ts';

/** A race whose second attempt starts after 10 ms; each attempt is one that the test holds. */
function race(mayHedge: () => boolean = () => true) {
  const clock = new VirtualClock();
  const call = outboundCall(clock);
  const [first, second] = [new HeldHandler(), new HeldHandler()];
  const attempts: Attempt[] = [];
  const next: OutboundHandler = {
    handle: (asked, flow) => {
      attempts.push(asked.attempt);
      // As the layers below do when they send it.
      asked.attempt.number = attempts.length;
      asked.attempt.startedAt = clock.now();
      (attempts.length === 1 ? first : second).handle(asked, flow);
    },
  };
  const begin: OutboundHandler = {
    handle: (asked, flow) => new HedgeRace(asked, flow, next, clock).start(10, mayHedge),
  };
  const seen = watch(observe(begin, call));
  return { clock, call, first, second, next, attempts, seen };
}

describe('a race', () => {
  it('asks whether it may hedge when the time has come, and once', () => {
    let asked = 0;
    const { clock, attempts } = race(() => {
      asked += 1;
      return false;
    });
    clock.advance(9);
    expect(asked).toBe(0);
    clock.advance(1_000);
    expect(asked).toBe(1);
    expect(attempts).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('does not ask after it was over', () => {
    let asked = 0;
    const { clock, first } = race(() => (asked += 1) > 0);
    first.answer(THING);
    clock.advance(1_000);
    expect(asked).toBe(0);
  });

  it('lets neither be cut once there are two: nothing can follow them', () => {
    const { clock, attempts, call } = race();
    call.attempt.isLast = false;
    clock.advance(10);
    expect(attempts).toMatchObject([
      { kind: 'first', isLast: true },
      { kind: 'hedge', isLast: true },
    ]);
    expect(attempts[0]?.wire).not.toBe(attempts[1]?.wire);
  });

  it('marks the loser, not the winner', () => {
    const { clock, second, attempts } = race();
    clock.advance(10);
    second.answer(THING);
    expect(attempts.map(({ isAbandoned }) => isAbandoned)).toEqual([true, false]);
  });

  it.each<[CallErrorCode, CallErrorCode, CallErrorCode]>([
    ['bulkhead_full', 'server_error', 'server_error'],
    ['server_error', 'bulkhead_full', 'server_error'],
    ['server_error', 'unreachable', 'server_error'],
    ['circuit_open', 'bulkhead_full', 'bulkhead_full'],
  ])('lost by %s and then by %s tells %s', (earlier, later, told) => {
    const { clock, first, second, seen } = race();
    clock.advance(10);
    second.fail(CALL_ERRORS[earlier]);
    expect(seen.errors).toEqual([]);
    first.fail(CALL_ERRORS[later]);
    expect(codesOf(seen.errors)).toEqual([told]);
    expect(clock.pending).toBe(0);
  });

  it('goes on when the second attempt meets a bug of ours at once', () => {
    const { clock, first, next, seen } = race();
    next.handle = () => {
      throw new TypeError('our bug');
    };
    clock.advance(10);
    expect(seen.events).toEqual([]);
    first.answer(THING);
    expect(seen.events).toEqual(['value', 'complete']);
  });

  it('is not disturbed by a loser that fails while it drains', () => {
    const { clock, first, second, seen } = race();
    clock.advance(10);
    second.answer(THING);
    first.fail(CALL_ERRORS.server_error);
    expect(seen.events).toEqual(['value', 'complete']);
    expect(clock.pending).toBe(0);
  });

  it('cancelled while its loser drains has been told already: the loser keeps its 50 ms', () => {
    const { clock, first, second, seen } = race();
    clock.advance(10);
    second.answer(THING);
    seen.unsubscribe();
    clock.advance(49);
    expect(first.cancellations).toBe(0);
    clock.advance(1);
    expect(first.cancellations).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
