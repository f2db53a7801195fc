import type { Clock } from '../context/clock.ts';
import type { LoopLag } from '../context/loop-lag.ts';
import type { Balancer, Random } from '../instances/balancer.ts';
import type { Transport } from '../transport/transport.ts';
import type { BreakerGate } from './breaker/breaker-gate.ts';
import type { RetryBudget } from './budget/retry-budget.ts';
import type { AdaptiveLimit } from './bulkhead/adaptive-limit.ts';
import type { Bulkhead } from './bulkhead/bulkhead.ts';
import { AdaptiveLimitInterceptor } from './interceptors/attempt/adaptive-limit.interceptor.ts';
import { AttemptInterceptor } from './interceptors/attempt/attempt.interceptor.ts';
import { AttemptTimeoutInterceptor } from './interceptors/attempt/attempt-timeout.interceptor.ts';
import { AttemptTracingInterceptor } from './interceptors/attempt/attempt-tracing.interceptor.ts';
import { BreakerPeekInterceptor } from './interceptors/attempt/breaker-peek.interceptor.ts';
import { BreakerInterceptor } from './interceptors/attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from './interceptors/attempt/bulkhead.interceptor.ts';
import { CoalesceInterceptor } from './interceptors/call/coalesce.interceptor.ts';
import { DeadlineInterceptor } from './interceptors/call/deadline.interceptor.ts';
import { LastKnownGoodInterceptor } from './interceptors/call/last-known-good.interceptor.ts';
import { StaleSocketInterceptor } from './interceptors/attempt/stale-socket.interceptor.ts';
import { HedgeInterceptor } from './interceptors/call/hedge.interceptor.ts';
import { RetryInterceptor } from './interceptors/call/retry.interceptor.ts';
import { TelemetryInterceptor } from './interceptors/call/telemetry.interceptor.ts';
import { TracingInterceptor } from './interceptors/call/tracing.interceptor.ts';
import { AttemptLimit } from './latency/attempt-limit.ts';
import type { LastKnownGood } from './last-known-good/last-known-good.ts';
import type { RecentLatency } from './latency/recent-latency.ts';
import type { OutboundListener } from './outbound-events.ts';
import { compose, type OutboundHandler, type OutboundInterceptor } from './outbound.interceptor.ts';
import { TransportHandler } from './transport.handler.ts';

/** What one source's pipeline is built from. */
export interface PipelineParts {
  /** 0: adapts. */
  readonly attemptTimeoutMs: number;
  /** Most retries of a call. */
  readonly retries: number;
  readonly hedges: boolean;
  readonly coalesces: boolean;
  readonly traces: boolean;
  readonly breaker: BreakerGate;
  readonly bulkhead: Bulkhead;
  /** Under the bulkhead's cap; undefined: the cap alone. */
  readonly adaptive?: AdaptiveLimit | undefined;
  readonly budget: RetryBudget;
  readonly balancer: Balancer;
  readonly latency: RecentLatency;
  readonly transport: Transport;
  /** Undefined where nothing may be answered from memory. */
  readonly lastKnownGood: LastKnownGood | undefined;
  readonly listeners: readonly OutboundListener[];
  readonly loopLag: LoopLag;
  readonly clock: Clock;
  readonly random: Random;
}

/** How a call survives: the first layer sees it first. */
export function pipeline(parts: PipelineParts): OutboundHandler {
  const { breaker, bulkhead, adaptive, latency, loopLag, lastKnownGood, clock } = parts;
  const limit = new AttemptLimit(parts.attemptTimeoutMs, parts);
  return compose(
    [
      // sees every outcome, also the ones decided without an attempt
      new TelemetryInterceptor(parts.listeners),
      // a span a call, however it is answered
      ...only(parts.traces, () => new TracingInterceptor()),
      // outside all that can refuse or run out, the deadline included, so that it can stand in for every failure
      ...only(lastKnownGood, (memory) => new LastKnownGoodInterceptor(memory, clock)),
      // bounds everything below with one monotonic timestamp
      new DeadlineInterceptor(),
      // one flight for many waiters, each with its own deadline above
      ...only(parts.coalesces, () => new CoalesceInterceptor()),
      // above the bulkhead, so that each attempt takes its own permit, and holds none while it waits
      ...only(parts.retries > 0, () => new RetryInterceptor(parts)),
      // inside retry: a race that was lost on both sides is one failure
      ...only(parts.hedges, () => new HedgeInterceptor(parts)),
      // refuses before queueing
      new BreakerPeekInterceptor(breaker),
      // one permit an attempt, held until its socket is done
      new BulkheadInterceptor(bulkhead),
      // what became of the attempts under those permits says how many there may be
      ...only(adaptive, (moving) => new AdaptiveLimitInterceptor(moving, bulkhead, clock)),
      // inside the bulkhead: our own refusals never look like the source's failures; re-checked after the wait
      new BreakerInterceptor(breaker),
      // under the same permit: a kept connection that was closing already is nobody's failure
      new StaleSocketInterceptor(),
      // picks the instance; inside retry, so that a retry goes elsewhere
      new AttemptInterceptor(parts),
      // a span an attempt, as it has a number and an instance now
      ...only(parts.traces, () => new AttemptTracingInterceptor()),
      // the innermost clock
      new AttemptTimeoutInterceptor(limit, latency, loopLag, clock),
    ],
    // bytes, size cap, decode, schema
    new TransportHandler(parts.transport),
  );
}

/** A layer that has nothing to do is not there. */
const only = <Part>(
  part: Part | false | undefined,
  make: (part: Part) => OutboundInterceptor,
): readonly OutboundInterceptor[] => (part === false || part === undefined ? [] : [make(part)]);
