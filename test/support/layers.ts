import { LoopLag } from '../../src/context/loop-lag.ts';
import { Balancer } from '../../src/instances/balancer.ts';
import { RetryBudget } from '../../src/outbound/budget/retry-budget.ts';
import { Bulkhead } from '../../src/outbound/bulkhead/bulkhead.ts';
import { RecentLatency } from '../../src/outbound/latency/recent-latency.ts';
import type { OutboundInterceptor } from '../../src/outbound/outbound.interceptor.ts';
import { AttemptTimeoutInterceptor } from '../../src/outbound/interceptors/attempt/attempt-timeout.interceptor.ts';
import { BreakerPeekInterceptor } from '../../src/outbound/interceptors/attempt/breaker-peek.interceptor.ts';
import { BreakerInterceptor } from '../../src/outbound/interceptors/attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from '../../src/outbound/interceptors/attempt/bulkhead.interceptor.ts';
import { CoalesceInterceptor } from '../../src/outbound/interceptors/call/coalesce.interceptor.ts';
import { AttemptTracingInterceptor } from '../../src/outbound/interceptors/attempt/attempt-tracing.interceptor.ts';
import { TracingInterceptor } from '../../src/outbound/interceptors/call/tracing.interceptor.ts';
import { DeadlineInterceptor } from '../../src/outbound/interceptors/call/deadline.interceptor.ts';
import { AttemptInterceptor } from '../../src/outbound/interceptors/attempt/attempt.interceptor.ts';
import { StaleSocketInterceptor } from '../../src/outbound/interceptors/attempt/stale-socket.interceptor.ts';
import { LastKnownGoodInterceptor } from '../../src/outbound/interceptors/call/last-known-good.interceptor.ts';
import { HedgeInterceptor } from '../../src/outbound/interceptors/call/hedge.interceptor.ts';
import { RetryInterceptor } from '../../src/outbound/interceptors/call/retry.interceptor.ts';
import { TelemetryInterceptor } from '../../src/outbound/interceptors/call/telemetry.interceptor.ts';
import type { CallContext } from '../../src/outbound/call/call-context.ts';
import { attemptLimitOf } from './attempt-limit.ts';
import { breakerUnderTest } from './breaker.ts';
import { FakeTrace } from './fake-trace.ts';
import { bodyOf, memoryUnderTest } from './last-known-good.ts';
import { outboundCall } from './outbound.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Every layer of the pipeline on its own, for the laws that all of them keep (src/outbound/interceptors/laws.spec.ts). */

interface Subject {
  readonly interceptor: OutboundInterceptor;
  /** How much of what it lends out is out now. */
  readonly held: () => number;
}

export interface Law {
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

export const LAYERS: readonly Law[] = [
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
    name: 'tracing',
    holds: 1,
    make: () => {
      const trace = new FakeTrace();
      return { interceptor: given(new TracingInterceptor(), { trace }), held: () => trace.open };
    },
  },
  {
    name: 'tracing of a request that is not traced',
    holds: 0,
    make: () => ({ interceptor: new TracingInterceptor(), held: nothing }),
  },
  {
    name: 'attempt tracing',
    holds: 1,
    make: () => {
      const trace = new FakeTrace();
      const callTrace: Pick<CallContext, 'callTrace'> = {
        callTrace: { beginAttempt: () => trace.beginAttempt(), end: () => undefined },
      };
      const interceptor = given(new AttemptTracingInterceptor(), callTrace);
      return { interceptor, held: () => trace.open };
    },
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
    name: 'coalesce',
    holds: 0,
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
    make: (clock) => {
      const machines = machinesOf(clock);
      for (let answer = 0; answer < 20; answer += 1) machines.latency.record(50);
      machines.balancer.update(
        ['a', 'b'].map((host) => ({ origin: `http://${host}:80`, weight: 1 })),
      );
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
    // A timer of its own, and the deadline's.
    holds: 2,
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

/** The same layer, for calls with this as well. */
const given = (
  interceptor: OutboundInterceptor,
  more: Partial<CallContext>,
): OutboundInterceptor => ({
  intercept: (call, flow, next) =>
    interceptor.intercept({ ...call, context: { ...call.context, ...more } }, flow, next),
});

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
  const limit = attemptLimitOf(latency, { fixedMs: timeoutMs });
  return new AttemptTimeoutInterceptor(limit, latency, loopLag, clock);
}
