import { describe, expect, it } from '@jest/globals';
import { of, throwError, type Observable } from 'rxjs';
import { countedDeadline } from '../../../test/support/counted-deadline.ts';
import { handlerOf, through } from '../../../test/support/layered.ts';
import { LAYERS } from '../../../test/support/layers.ts';
import { HeldHandler, outboundCall, THING, watch } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../../errors/errors.ts';
import type { OutboundHandler } from '../outbound.interceptor.ts';

/** How many stacks of errors are written meanwhile. */
function stacksOf(run: () => void): number {
  const { prepareStackTrace } = Error;
  let stacks = 0;
  Error.prepareStackTrace = () => {
    stacks += 1;
    return '';
  };
  run();
  Error.prepareStackTrace = prepareStackTrace;
  return stacks;
}

describe.each(LAYERS)(
  'the $name interceptor',
  ({ make, holds, untilWireIsFree = false, whenFailed = ['error'] }) => {
    // Says nothing about the source, so that the breaker stays as it is.
    const failure = new SourceStatusError(429);

    function open(next: OutboundHandler = new HeldHandler()) {
      const clock = new VirtualClock();
      const { interceptor, held } = make(clock);
      const call = outboundCall(clock);
      const observable = through(interceptor, call, next);
      /** The request is over and the socket is done. */
      const end = (): void => {
        call.attempt.wire.free();
        call.dispose();
      };
      return { clock, call, held, observable, end };
    }

    function openAndHeld() {
      const next = new HeldHandler();
      const opened = open(next);
      return { ...opened, next, seen: watch(opened.observable) };
    }

    it('does nothing before somebody subscribes', () => {
      const next = new HeldHandler();
      const { clock, held } = open(next);
      expect(next.subscriptions).toBe(0);
      expect(held()).toBe(0);
      expect(clock.pending).toBe(0);
    });

    it('passes the value through, then completes, and asks below once', () => {
      const { next, seen } = openAndHeld();
      expect(seen.events).toEqual([]);
      next.answer(THING);
      expect(seen.events).toEqual(['value', 'complete']);
      expect(seen.values).toEqual([{ value: THING }]);
      expect(next).toMatchObject({ subscriptions: 1, cancellations: 0 });
    });

    it('makes no error for a call that succeeds: each costs its stack', () => {
      const { next, seen } = openAndHeld();
      expect(stacksOf(() => next.answer(THING))).toBe(0);
      expect(seen.events).toEqual(['value', 'complete']);
    });

    it('passes an error through as it is', () => {
      const { next, seen } = openAndHeld();
      next.fail(failure);
      expect(seen.events).toEqual(whenFailed);
      expect(seen.errors.every((error) => error === failure)).toBe(true);
      expect(next.cancellations).toBe(0);
    });

    it('cancels what is below when it is cancelled, once and without a word', () => {
      const { next, seen } = openAndHeld();
      seen.unsubscribe();
      seen.unsubscribe();
      expect(next.cancellations).toBe(1);
      expect(seen.events).toEqual([]);
    });

    it.each<[string, (next: HeldHandler, cancel: () => void) => void]>([
      ['a value', (next) => next.answer(THING)],
      ['an error', (next) => next.fail(failure)],
      ['a cancellation', (_next, cancel) => cancel()],
    ])('gives back what it holds exactly once after %s', (_name, finish) => {
      const { held, next, seen, call, end } = openAndHeld();
      expect(held()).toBe(holds);
      finish(next, () => seen.unsubscribe());
      if (untilWireIsFree) expect(held()).toBe(holds);
      call.attempt.wire.free();
      seen.unsubscribe();
      end();
      expect(held()).toBe(0);
    });

    it.each<[string, Observable<never> | Observable<{ value: unknown }>, readonly string[]]>([
      ['a value', of({ value: THING }), ['value', 'complete']],
      ['an error', throwError(() => failure), whenFailed],
    ])('holds nothing after %s that came at once', (_name, inner, events) => {
      const { held, observable, end } = open(handlerOf(() => inner as Observable<never>));
      expect(watch(observable).events).toEqual(events);
      end();
      expect(held()).toBe(0);
    });

    it.each<[string, (next: HeldHandler, cancel: () => void) => void]>([
      ['a value', (next) => next.answer(THING)],
      ['an error', (next) => next.fail(failure)],
      ['a cancellation', (_next, cancel) => cancel()],
    ])('is not waiting at the deadline any more after %s', (_name, finish) => {
      const clock = new VirtualClock();
      const { interceptor } = make(clock);
      const call = outboundCall(clock);
      const { deadline, waiting } = countedDeadline(call.context.deadline);
      const next = new HeldHandler();
      const counted = { ...call, context: { ...call.context, deadline } };
      const seen = watch(through(interceptor, counted, next));
      finish(next, () => seen.unsubscribe());
      expect(waiting.size).toBe(0);
      call.dispose();
    });

    it('leaves no timer, and says nothing more after the end', () => {
      const { clock, next, seen, end } = openAndHeld();
      next.answer(THING);
      end();
      expect(clock.pending).toBe(0);
      clock.advance(10_000);
      expect(seen.events).toEqual(['value', 'complete']);
    });
  },
);
