import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, throwError, type Observable } from 'rxjs';
import { breakerUnderTest } from '../../../test/support/breaker.ts';
import { HeldHandler, outboundCall, THING, watch } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { LoopLag } from '../../context/loop-lag.ts';
import { SourceStatusError } from '../../errors/errors.ts';
import { Balancer } from '../../instances/balancer.ts';
import { RetryBudget } from '../budget/retry-budget.ts';
import { Bulkhead } from '../bulkhead/bulkhead.ts';
import { AttemptLimit } from '../latency/attempt-limit.ts';
import { RecentLatency } from '../latency/recent-latency.ts';
import type { OutboundHandler, OutboundInterceptor } from '../outbound.interceptor.ts';
import { AttemptTimeoutInterceptor } from './attempt/attempt-timeout.interceptor.ts';
import { BreakerPeekInterceptor } from './attempt/breaker-peek.interceptor.ts';
import { BreakerInterceptor } from './attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from './attempt/bulkhead.interceptor.ts';
import { CoalesceInterceptor } from './call/coalesce.interceptor.ts';
import { DeadlineInterceptor } from './call/deadline.interceptor.ts';
import { AttemptInterceptor } from './attempt/attempt.interceptor.ts';
import { StaleSocketInterceptor } from './attempt/stale-socket.interceptor.ts';
import { HedgeInterceptor } from './call/hedge.interceptor.ts';
import { RetryInterceptor } from './call/retry.interceptor.ts';
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
  /** What it makes of a source that ends without a word; passed on as it is unless said otherwise. */
  readonly whenEmpty?: readonly string[];
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
    name: 'deadline',
    holds: 1,
    // The deadline's one timer, which the end of the request takes back.
    make: (clock) => ({ interceptor: new DeadlineInterceptor(), held: () => clock.pending }),
  },
  {
    name: 'coalesce',
    holds: 0,
    whenEmpty: ['error'],
    make: () => ({ interceptor: new CoalesceInterceptor(), held: nothing }),
  },
  {
    name: 'retry',
    holds: 0,
    make: (clock) => ({
      interceptor: new RetryInterceptor({ ...machinesOf(clock), retries: 1, random: () => 0 }),
      held: () => clock.pending,
    }),
  },
  {
    name: 'hedge',
    // The timer of the second attempt.
    holds: 1,
    whenEmpty: ['error'],
    make: (clock) => {
      const machines = machinesOf(clock);
      for (let answer = 0; answer < 20; answer += 1) machines.latency.record(50);
      return { interceptor: new HedgeInterceptor(machines), held: () => clock.pending };
    },
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

function machinesOf(clock: VirtualClock) {
  const { gate: breaker } = breakerUnderTest();
  const bulkhead = new Bulkhead({ maxConcurrent: 10, maxQueue: 0, maxQueueWaitMs: 75 }, clock);
  const balancer = new Balancer(clock, () => 0);
  const [budget, latency] = [new RetryBudget(), new RecentLatency(clock)];
  return { breaker, bulkhead, balancer, budget, latency, clock };
}

function attemptTimeout(clock: VirtualClock, timeoutMs: number): OutboundInterceptor {
  const loopLag = new LoopLag(clock);
  const latency = new RecentLatency(clock);
  const limit = new AttemptLimit(timeoutMs, latency, { list: [] });
  return new AttemptTimeoutInterceptor(limit, latency, loopLag, clock);
}

describe.each(INTERCEPTORS)(
  'the $name interceptor',
  ({ make, holds, untilWireIsFree = false, whenEmpty = ['complete'] }) => {
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
      expect(seen.events).toEqual(['error']);
      expect(seen.errors[0]).toBe(failure);
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
      ['an error', throwError(() => failure), ['error']],
      ['nothing at all', EMPTY, whenEmpty],
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
