import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, throwError, type Observable } from 'rxjs';
import { breakerUnderTest } from '../../../test/support/breaker.ts';
import { bodyOf, memoryUnderTest } from '../../../test/support/last-known-good.ts';
import { HeldHandler, outboundCall, THING, watch } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { LoopLag } from '../../context/loop-lag.ts';
import { SourceStatusError } from '../../errors/errors.ts';
import { Balancer } from '../../instances/balancer.ts';
import { RetryBudget } from '../budget/retry-budget.ts';
import { Bulkhead } from '../bulkhead/bulkhead.ts';
import { RecentLatency } from '../latency/recent-latency.ts';
import type { OutboundHandler, OutboundInterceptor } from '../outbound.interceptor.ts';
import { AttemptTimeoutInterceptor } from './attempt/attempt-timeout.interceptor.ts';
import { BreakerPeekInterceptor } from './attempt/breaker-peek.interceptor.ts';
import { BreakerInterceptor } from './attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from './attempt/bulkhead.interceptor.ts';
import { DeadlineInterceptor } from './call/deadline.interceptor.ts';
import { LastKnownGoodInterceptor } from './call/last-known-good.interceptor.ts';
import { AttemptInterceptor } from './attempt/attempt.interceptor.ts';
import { StaleSocketInterceptor } from './attempt/stale-socket.interceptor.ts';
import { TelemetryInterceptor } from './call/telemetry.interceptor.ts';

interface Subject {
  readonly interceptor: OutboundInterceptor;
  /** How much of what it lends out is out now. */
  readonly held: () => number;
}

interface Law {
  readonly name: string;
  readonly make: (clock: VirtualClock) => Subject;
  /** What `held` says while a call is open. */
  readonly holds: number;
  /** Whether it keeps that until the socket is done, and not only until the call is over. */
  readonly untilWireIsFree?: boolean;
  /** What it makes of a failure; passed on as it is unless said otherwise. */
  readonly whenFailed?: readonly string[];
}

const nothing = (): number => 0;

const INTERCEPTORS: readonly Law[] = [
  {
    name: 'telemetry',
    holds: 0,
    make: () => ({
      interceptor: new TelemetryInterceptor([{ callEnded: () => undefined }]),
      held: nothing,
    }),
  },
  {
    name: 'telemetry without listeners',
    holds: 0,
    make: () => ({ interceptor: new TelemetryInterceptor([]), held: nothing }),
  },
  {
    name: 'last-known-good',
    holds: 0,
    make: (clock) => ({
      interceptor: new LastKnownGoodInterceptor(memoryUnderTest(clock).memory, clock),
      held: () => clock.pending,
    }),
  },
  {
    name: 'last-known-good with an answer',
    holds: 0,
    whenFailed: ['value', 'complete'],
    make: (clock) => {
      const { memory } = memoryUnderTest(clock);
      memory.remember(outboundCall(clock), bodyOf());
      return {
        interceptor: new LastKnownGoodInterceptor(memory, clock),
        held: () => clock.pending,
      };
    },
  },
  {
    name: 'deadline',
    holds: 1,
    // The deadline's one timer, which the end of the request takes back.
    make: (clock) => ({ interceptor: new DeadlineInterceptor(), held: () => clock.pending }),
  },
  {
    name: 'stale socket',
    holds: 0,
    make: () => ({ interceptor: new StaleSocketInterceptor(), held: nothing }),
  },
  {
    name: 'breaker peek',
    holds: 0,
    make: () => ({
      interceptor: new BreakerPeekInterceptor(breakerUnderTest().gate),
      held: nothing,
    }),
  },
  {
    name: 'bulkhead',
    holds: 1,
    untilWireIsFree: true,
    make: (clock) => {
      const options = { maxConcurrent: 1, maxQueue: 0, maxQueueWaitMs: 75 };
      const bulkhead = new Bulkhead(options, clock);
      return { interceptor: new BulkheadInterceptor(bulkhead), held: () => bulkhead.inFlight };
    },
  },
  {
    name: 'breaker',
    holds: 1,
    make: () => {
      const { gate, halfOpen } = breakerUnderTest();
      halfOpen();
      // The one probe's slot: either free, or out.
      return { interceptor: new BreakerInterceptor(gate), held: () => (gate.peek() ? 1 : 0) };
    },
  },
  {
    name: 'attempt',
    holds: 1,
    untilWireIsFree: true,
    make: (clock) => {
      const balancer = new Balancer(clock, () => 0);
      balancer.update([{ origin: 'http://a:80', weight: 1 }]);
      const interceptor = new AttemptInterceptor({
        balancer,
        budget: new RetryBudget(),
        latency: new RecentLatency(clock),
        listeners: [],
        clock,
      });
      return { interceptor, held: () => balancer.pick()?.inFlight ?? 0 };
    },
  },
  {
    name: 'attempt timeout',
    holds: 1,
    make: (clock) => ({
      interceptor: attemptTimeout(clock, 500),
      held: () => clock.pending,
    }),
  },
  {
    name: 'attempt timeout that runs to the deadline',
    holds: 1,
    make: (clock) => ({ interceptor: attemptTimeout(clock, 0), held: () => clock.pending }),
  },
];

function attemptTimeout(clock: VirtualClock, timeoutMs: number): OutboundInterceptor {
  const loopLag = new LoopLag(clock);
  return new AttemptTimeoutInterceptor(timeoutMs, new RecentLatency(clock), loopLag, clock);
}

describe.each(INTERCEPTORS)(
  'the $name interceptor',
  ({ make, holds, untilWireIsFree = false, whenFailed = ['error'] }) => {
    // Says nothing about the source, so that the breaker stays as it is.
    const failure = new SourceStatusError(429);

    function open(next: OutboundHandler = new HeldHandler()) {
      const clock = new VirtualClock();
      const { interceptor, held } = make(clock);
      const call = outboundCall(clock);
      const observable = interceptor.intercept(call, next);
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
      ['nothing at all', EMPTY, ['complete']],
    ])('holds nothing after %s that came at once', (_name, inner, events) => {
      const { held, observable, end } = open({ handle: () => inner as Observable<never> });
      expect(watch(observable).events).toEqual(events);
      end();
      expect(held()).toBe(0);
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
