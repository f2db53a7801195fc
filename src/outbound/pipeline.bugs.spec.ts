import { describe, expect, it } from '@jest/globals';
import { FakeRedis } from '../../test/support/fake-redis.ts';
import { memoryUnderTest } from '../../test/support/last-known-good.ts';
import { outboundCall, watch } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { LoopLag } from '../context/loop-lag.ts';
import { Balancer } from '../instances/balancer.ts';
import { fixedList } from '../instances/discovery.ts';
import { BreakerGate } from './breaker/breaker-gate.ts';
import { RetryBudget } from './budget/retry-budget.ts';
import { Bulkhead } from './bulkhead/bulkhead.ts';
import { AttemptTimeoutInterceptor } from './interceptors/attempt/attempt-timeout.interceptor.ts';
import { BreakerInterceptor } from './interceptors/attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from './interceptors/attempt/bulkhead.interceptor.ts';
import { DeadlineInterceptor } from './interceptors/call/deadline.interceptor.ts';
import { LastKnownGoodInterceptor } from './interceptors/call/last-known-good.interceptor.ts';
import { AttemptInterceptor } from './interceptors/attempt/attempt.interceptor.ts';
import { TelemetryInterceptor } from './interceptors/call/telemetry.interceptor.ts';
import { RecentLatency } from './latency/recent-latency.ts';
import { compose, type OutboundHandler } from './outbound.interceptor.ts';

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
  balancer.update(fixedList('http://a:1'));
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
    new BulkheadInterceptor(bulkhead),
    new BreakerInterceptor(breaker),
    new AttemptInterceptor({ balancer, budget, latency, listeners: [], clock }),
    new AttemptTimeoutInterceptor(500, latency, new LoopLag(clock), clock),
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
    const { errors } = watch(handler.handle(call));
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
  expect(watch(probing.handle(outboundCall(clock, { totalMs: 1_500 }))).errors).toEqual([BUG]);
  expect(breaker.state).toBe('half_open');
  expect(breaker.peek()).toBeUndefined();
});
