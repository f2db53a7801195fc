import type { Observable } from 'rxjs';
import type { SourceOptions } from '../config/env.schema.ts';
import type { Clock } from '../context/clock.ts';
import type { LoopLag } from '../context/loop-lag.ts';
import { CircuitOpenError } from '../errors/errors.ts';
import { Balancer, type Random } from '../instances/balancer.ts';
import type { Discovery, DiscoveryFactory } from '../instances/discovery/discovery.ts';
import { followDiscovery } from '../instances/follow-discovery.ts';
import type { Transport, TransportFactory } from '../transport/transport.ts';
import { BreakerGate, type BreakerOptions } from './breaker/breaker-gate.ts';
import { RetryBudget } from './budget/retry-budget.ts';
import { AdaptiveLimit } from './bulkhead/adaptive-limit.ts';
import { Bulkhead, type BulkheadOptions } from './bulkhead/bulkhead.ts';
import {
  lastKnownGoodOf,
  type MemorySurroundings,
} from './last-known-good/last-known-good.factory.ts';
import { RecentLatency } from './latency/recent-latency.ts';
import type { OutboundListener } from './outbound-events.ts';
import {
  observe,
  type Fetched,
  type OutboundCall,
  type OutboundHandler,
} from './outbound.interceptor.ts';
import { pipeline } from './pipeline.ts';

/** What all sources of the process share. */
export interface Surroundings extends MemorySurroundings {
  readonly clock: Clock;
  readonly loopLag: LoopLag;
  readonly random: Random;
  readonly createTransport: TransportFactory;
  readonly createDiscovery: DiscoveryFactory;
  readonly listeners: readonly OutboundListener[];
  /** Whether requests may be traced. */
  readonly traces: boolean;
  /** Longest a request may take: a breaker's probe that says nothing for longer is lost. */
  readonly deadlineMs: number;
}

/** One source as it runs in this process: its state machines, and the pipeline they drive. */
export class SourceRuntime {
  readonly name: string;
  readonly bulkhead: Bulkhead;
  readonly breaker: BreakerGate;
  readonly budget = new RetryBudget();
  readonly balancer: Balancer;
  /** Of its answers, lately. */
  readonly latency: RecentLatency;
  private readonly transport: Transport;
  private readonly handler: OutboundHandler;
  private readonly discovery: Discovery;

  constructor(name: string, options: SourceOptions, surroundings: Surroundings) {
    const { clock, random, loopLag, listeners } = surroundings;
    this.name = name;
    const adaptive =
      options.ADAPTIVE === 'on' ? new AdaptiveLimit(options.MAX_CONCURRENT, clock) : undefined;
    this.bulkhead = new Bulkhead(bulkheadOptions(options), clock, adaptive);
    this.breaker = new BreakerGate(breakerOptions(options, surroundings.deadlineMs), clock, random);
    this.breaker.onChange((to, from) => {
      for (const listener of listeners) listener.breakerChanged?.(name, to, from);
      if (to === 'open') this.bulkhead.flush(() => this.breaker.peek() ?? new CircuitOpenError(0));
    });
    this.transport = surroundings.createTransport({
      connectTimeoutMs: options.CONNECT_TIMEOUT_MS,
      maxResponseBytes: options.MAX_RESPONSE_BYTES,
    });
    this.balancer = new Balancer(clock, random);
    this.latency = new RecentLatency(clock);
    this.discovery = surroundings.createDiscovery(options.URL);
    this.handler = pipeline({
      attemptTimeoutMs: options.ATTEMPT_TIMEOUT_MS,
      retries: options.RETRIES,
      hedges: options.HEDGE === 'on',
      coalesces: options.COALESCE === 'on',
      traces: surroundings.traces,
      breaker: this.breaker,
      bulkhead: this.bulkhead,
      adaptive,
      budget: this.budget,
      balancer: this.balancer,
      latency: this.latency,
      transport: this.transport,
      lastKnownGood: lastKnownGoodOf(name, options, surroundings),
      listeners,
      loopLag,
      clock,
      random,
    });
    this.follow(listeners);
  }

  /** A call that is made on subscription, and cancelled by leaving it. */
  ask<T>(call: OutboundCall<T>): Observable<Fetched<T>> {
    return observe(this.handler, call);
  }

  async close(): Promise<void> {
    this.discovery.stop();
    this.breaker.dispose();
    await this.transport.close();
  }

  private follow(listeners: readonly OutboundListener[]): void {
    const { name } = this;
    this.balancer.onEject(({ address }, forMs) => {
      for (const listener of listeners) listener.instanceEjected?.(name, address, forMs);
    });
    followDiscovery(this.discovery, this.balancer, this.transport, {
      instancesChanged: (change) => {
        for (const listener of listeners) listener.instancesChanged?.(name, change);
      },
      discoveryChanged: (problem) => {
        for (const listener of listeners) listener.discoveryChanged?.(name, problem);
      },
    });
  }
}

const bulkheadOptions = (options: SourceOptions): BulkheadOptions => ({
  maxConcurrent: options.MAX_CONCURRENT,
  maxQueue: options.MAX_QUEUE,
  maxQueueWaitMs: options.MAX_QUEUE_WAIT_MS,
});

const breakerOptions = (options: SourceOptions, deadlineMs: number): BreakerOptions => ({
  windowMs: options.BREAKER_WINDOW_MS,
  minCalls: options.BREAKER_MIN_CALLS,
  failureRatio: options.BREAKER_FAILURE_RATIO,
  openMs: options.BREAKER_OPEN_MS,
  probeLeaseMs: deadlineMs,
});
