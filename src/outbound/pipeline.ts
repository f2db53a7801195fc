import type { Clock } from '../context/clock.ts';
import type { LoopLag } from '../context/loop-lag.ts';
import type { Balancer } from '../instances/balancer.ts';
import type { Transport } from '../transport/transport.ts';
import type { BreakerGate } from './breaker/breaker-gate.ts';
import type { RetryBudget } from './budget/retry-budget.ts';
import type { Bulkhead } from './bulkhead/bulkhead.ts';
import { AttemptInterceptor } from './interceptors/attempt/attempt.interceptor.ts';
import { AttemptTimeoutInterceptor } from './interceptors/attempt/attempt-timeout.interceptor.ts';
import { BreakerPeekInterceptor } from './interceptors/attempt/breaker-peek.interceptor.ts';
import { BreakerInterceptor } from './interceptors/attempt/breaker.interceptor.ts';
import { BulkheadInterceptor } from './interceptors/attempt/bulkhead.interceptor.ts';
import { DeadlineInterceptor } from './interceptors/call/deadline.interceptor.ts';
import { LastKnownGoodInterceptor } from './interceptors/call/last-known-good.interceptor.ts';
import { StaleSocketInterceptor } from './interceptors/attempt/stale-socket.interceptor.ts';
import { TelemetryInterceptor } from './interceptors/call/telemetry.interceptor.ts';
import type { LastKnownGood } from './last-known-good/last-known-good.ts';
import type { RecentLatency } from './latency/recent-latency.ts';
import type { OutboundListener } from './outbound-events.ts';
import { compose, type OutboundHandler } from './outbound.interceptor.ts';
import { TransportHandler } from './transport.handler.ts';

/** What one source's pipeline is built from. */
export interface PipelineParts {
  readonly attemptTimeoutMs: number;
  readonly breaker: BreakerGate;
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  readonly balancer: Balancer;
  readonly latency: RecentLatency;
  readonly transport: Transport;
  /** Undefined where nothing may be answered from memory. */
  readonly lastKnownGood: LastKnownGood | undefined;
  readonly listeners: readonly OutboundListener[];
  readonly loopLag: LoopLag;
  readonly clock: Clock;
}

/** How a call survives: the first layer sees it first. */
export function pipeline(parts: PipelineParts): OutboundHandler {
  const { attemptTimeoutMs, breaker, bulkhead, latency, transport, listeners, loopLag, clock } =
    parts;
  const { lastKnownGood } = parts;
  return compose(
    [
      // sees every outcome, also the ones decided without an attempt
      new TelemetryInterceptor(listeners),
      // outside all that can refuse or run out, the deadline included, so that it can stand in for every failure
      ...(lastKnownGood === undefined ? [] : [new LastKnownGoodInterceptor(lastKnownGood, clock)]),
      // bounds everything below with one monotonic timestamp
      new DeadlineInterceptor(),
      // coalescing belongs here: one flight for many waiters, each with its own deadline above
      // retry and hedge belong here: above the bulkhead, so that each attempt takes its own permit
      // refuses before queueing
      new BreakerPeekInterceptor(breaker),
      // one permit an attempt, held until its socket is done
      new BulkheadInterceptor(bulkhead),
      // inside the bulkhead: our own refusals never look like the source's failures; re-checked after the wait
      new BreakerInterceptor(breaker),
      // under the same permit: a kept connection that was closing already is nobody's failure
      new StaleSocketInterceptor(),
      // picks the instance; inside retry, so that a retry goes elsewhere
      new AttemptInterceptor(parts),
      // the innermost clock
      new AttemptTimeoutInterceptor(attemptTimeoutMs, latency, loopLag, clock),
    ],
    // bytes, size cap, decode, schema
    new TransportHandler(transport),
  );
}
