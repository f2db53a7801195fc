import type { Registry } from 'prom-client';
import { BREAKER_STATES, type BreakerState } from '../../outbound/breaker/breaker-gate.ts';
import type { Attempt, AttemptKind, Outcome } from '../../outbound/call/attempt.ts';
import type { MemoryEvent, OutboundListener } from '../../outbound/outbound-events.ts';
import type { OutboundCall } from '../../outbound/outbound.interceptor.ts';
import { Count, Timings } from './cells.ts';
import { exposeCounter, exposeGauge, exposeHistogram } from './exposition.ts';
import { Series } from './series.ts';

/** Counts what was sent to the sources, and what changed about them. What every source does is there with a 0 from the start. */
export class OutboundMetrics implements OutboundListener {
  private readonly attempts = new Series<[string, AttemptKind, Outcome], Timings>(
    () => new Timings(),
  );
  private readonly breakerChanges = new Series<[string, BreakerState], Count>(() => new Count());
  private readonly ejections = new Series<[string], Count>(() => new Count());
  private readonly memoryEvents = new Series<[string, MemoryEvent], Count>(() => new Count());
  /** 1 where discovery fails. */
  private readonly failing: Map<string, number>;

  constructor(sources: readonly string[]) {
    for (const source of sources) {
      this.attempts.at(source, 'first', 'ok');
      for (const state of BREAKER_STATES) this.breakerChanges.at(source, state);
      this.ejections.at(source);
    }
    this.failing = new Map(sources.map((source) => [source, 0]));
  }

  attemptEnded({ source }: OutboundCall<unknown>, attempt: Attempt): void {
    const { kind, outcome, startedAt, endedAt } = attempt;
    if (outcome === undefined || endedAt === undefined) return;
    this.attempts.at(source, kind, outcome).record(endedAt - startedAt);
  }

  breakerChanged(source: string, to: BreakerState): void {
    this.breakerChanges.at(source, to).count += 1;
  }

  instanceEjected(source: string): void {
    this.ejections.at(source).count += 1;
  }

  discoveryChanged(source: string, problem: string | undefined): void {
    this.failing.set(source, problem === undefined ? 0 : 1);
  }

  memory(source: string, event: MemoryEvent): void {
    this.memoryEvents.at(source, event).count += 1;
  }

  expose(registry: Registry): void {
    const { attempts, breakerChanges, ejections, memoryEvents, failing } = this;
    exposeCounter(registry, 'aggregator_attempts_total', () => attempts.entries());
    exposeHistogram(registry, 'aggregator_attempt_duration_seconds', () => attempts.entries());
    exposeCounter(registry, 'aggregator_breaker_changes_total', () => breakerChanges.entries());
    exposeCounter(registry, 'aggregator_ejections_total', () => ejections.entries());
    exposeCounter(registry, 'aggregator_memory_events_total', () => memoryEvents.entries());
    exposeGauge(registry, 'aggregator_discovery_failing', () =>
      [...failing].map(([source, value]) => [[source], value]),
    );
  }
}
