import { describe, expect, it } from '@jest/globals';
import { throwError } from 'rxjs';
import { FakeRedis } from '../../test/support/fake-redis.ts';
import { handlerOf } from '../../test/support/layered.ts';
import { memoryUnderTest } from '../../test/support/last-known-good.ts';
import { outboundCall, watch } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { LoopLag } from '../context/loop-lag.ts';
import { SourceStatusError } from '../errors/errors.ts';
import { Balancer } from '../instances/balancer.ts';
import { BreakerGate } from './breaker/breaker-gate.ts';
import { RetryBudget } from './budget/retry-budget.ts';
import { Bulkhead } from './bulkhead/bulkhead.ts';
import { AttemptTimeoutInterceptor } from './interceptors/attempt/attempt-timeout.interceptor.ts';
import { BreakerInterceptor } from './interceptors/attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from './interceptors/attempt/bulkhead.interceptor.ts';
import { CoalesceInterceptor } from './interceptors/call/coalesce.interceptor.ts';
import { DeadlineInterceptor } from './interceptors/call/deadline.interceptor.ts';
import { LastKnownGoodInterceptor } from './interceptors/call/last-known-good.interceptor.ts';
import { AttemptInterceptor } from './interceptors/attempt/attempt.interceptor.ts';
import { HedgeInterceptor } from './interceptors/call/hedge.interceptor.ts';
import { RetryInterceptor } from './interceptors/call/retry.interceptor.ts';
import { TelemetryInterceptor } from './interceptors/call/telemetry.interceptor.ts';
import { AttemptLimit } from './latency/attempt-limit.ts';
import { RecentLatency } from './latency/recent-latency.ts';
import { compose, observe, type OutboundHandler } from './outbound.interceptor.ts';

/** A bug below a layer fails its call, and leaks nothing: no permit, no probe, no count, no timer. */

const BUG = new TypeError('a bug');
const BUGGY: OutboundHandler = {
  handle: () => {
    throw BUG;
  },
};

function layers() {
  const clock = new VirtualClock();
  const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueue: 1, maxQueueWaitMs: 75 }, clock);
  const breaker = new BreakerGate(
    { windowMs: 10_000, minCalls: 1, failureRatio: 0.5, openMs: 1_000, probeLeaseMs: 1_500 },
    clock,
    () => 0.5,
  );
  const balancer = new Balancer(clock, () => 0);
  balancer.update([{ origin: 'http://a:1', weight: 1 }]);
  const latency = new RecentLatency(clock);
  const budget = new RetryBudget();
  const ends: string[] = [];
  const listener = {
    callEnded: (_call: unknown, { kind }: { kind: string }) => void ends.push(kind),
  };
  const interceptors = [
    new TelemetryInterceptor([listener]),
    new LastKnownGoodInterceptor(
      memoryUnderTest(clock, { redis: new FakeRedis(clock) }).memory,
      clock,
    ),
    new DeadlineInterceptor(),
    new CoalesceInterceptor(),
    new RetryInterceptor({ retries: 1, budget, breaker, latency, clock, random: () => 0.5 }),
    new HedgeInterceptor({ balancer, breaker, budget, bulkhead, latency, clock }),
    new BulkheadInterceptor(bulkhead),
    new BreakerInterceptor(breaker),
    new AttemptInterceptor({ balancer, budget, latency, listeners: [], clock }),
    new AttemptTimeoutInterceptor(
      new AttemptLimit(500, { latency, balancer, budget, breaker }),
      latency,
      new LoopLag(clock),
      clock,
    ),
  ];
  return { clock, bulkhead, breaker, balancer, ends, interceptors };
}

describe.each(
  layers().interceptors.map((interceptor, at) => [interceptor.constructor.name, at] as const),
)('a bug below %s', (_name, at) => {
  it('fails the call and leaks nothing', () => {
    const { clock, bulkhead, breaker, balancer, ends, interceptors } = layers();
    const handler = compose(interceptors.slice(0, at + 1), BUGGY);
    const call = outboundCall(clock, { totalMs: 1_500 });
    const { errors } = watch(observe(handler, call));
    call.dispose();
    expect(errors).toEqual([BUG]);
    expect(ends).toEqual(['error']);
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(balancer.pick()?.inFlight).toBe(0);
    expect(breaker.state).toBe('closed');
    expect(clock.pending).toBe(0);
  });
});

it('a bug met by the probe gives its slot back', () => {
  const { clock, breaker } = layers();
  breaker.release(breaker.acquire(), 'failure');
  clock.advance(2_000);
  const probing = compose([new BreakerInterceptor(breaker)], BUGGY);
  expect(watch(observe(probing, outboundCall(clock, { totalMs: 1_500 }))).errors).toEqual([BUG]);
  expect(breaker.state).toBe('half_open');
  expect(breaker.peek()).toBeUndefined();
});

it('a bug met by a retry only fails the call: it does not escape from the timer', () => {
  const { clock, interceptors } = layers();
  let asked = 0;
  const next = handlerOf(() => {
    asked += 1;
    if (asked === 2) throw BUG;
    return throwError(() => new SourceStatusError(503));
  });
  const call = outboundCall(clock);
  const retrying = interceptors.filter((layer) => layer instanceof RetryInterceptor);
  const { errors } = watch(observe(compose(retrying, next), call));
  clock.advance(25);
  expect(errors).toEqual([BUG]);
  expect(clock.pending).toBe(0);
});

it('a bug met by a shared call is told to everybody who shares it', () => {
  const { clock, interceptors } = layers();
  const sharing = interceptors.filter((layer) => layer instanceof CoalesceInterceptor);
  const below = compose(sharing, {
    handle: () => {
      // Somebody joins in the moment that it breaks.
      if (joined === undefined) joined = watch(observe(below, outboundCall(clock)));
      throw BUG;
    },
  });
  let joined: ReturnType<typeof watch> | undefined;
  const first = watch(observe(below, outboundCall(clock)));
  expect([first.errors, joined?.errors]).toEqual([[BUG], [BUG]]);
});
