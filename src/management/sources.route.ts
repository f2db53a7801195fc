import type { Clock } from '../context/clock.ts';
import type { InstanceStatus } from '../instances/balancer.ts';
import type { BreakerState } from '../outbound/breaker/breaker-gate.ts';
import type { SourceRuntime } from '../outbound/source-runtime.ts';
import { answer, type ManagementRoute } from './management-route.ts';

/** One source as `GET /sources` shows it. */
export interface SourceView {
  /** Attempts at once, as of now. */
  readonly limit: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly breaker: {
    readonly state: BreakerState;
    /** 0–1 of the verdicts in the window; 0 without any. */
    readonly failureRatio: number;
    /** ISO 8601; null unless it is open. */
    readonly openUntil: string | null;
  };
  /** Retries and hedges that may be sent at once. */
  readonly budget: number;
  /** Of its recent answers; 0 without any. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly instances: readonly InstanceView[];
}

export interface InstanceView {
  /** `host:port` */
  readonly address: string;
  readonly inFlight: number;
  /** What an answer takes lately; 0 while it has given none. */
  readonly latencyMs: number;
  readonly weight: number;
  /** ISO 8601; null unless it is left out. */
  readonly ejectedUntil: string | null;
}

/** `GET /sources`: what is known of every source and its instances, by name. */
export const sourcesRoute = (sources: Iterable<SourceRuntime>, clock: Clock): ManagementRoute => ({
  path: '/sources',
  handle: (_request, response) => {
    const views = [...sources].map((source) => [source.name, viewOf(source, clock)] as const);
    const body = JSON.stringify(Object.fromEntries(views));
    answer(response, 'application/json; charset=utf-8', body);
  },
});

export function viewOf(source: SourceRuntime, clock: Clock): SourceView {
  const { bulkhead, breaker, budget, latency, balancer } = source;
  const quantile = (share: number): number => rounded(latency.quantile(share), 1);
  return {
    limit: bulkhead.limit,
    inFlight: bulkhead.inFlight,
    queued: bulkhead.queued,
    breaker: {
      state: breaker.state,
      failureRatio: rounded(breaker.failureRatio, 4),
      openUntil: wallTime(breaker.openUntil, clock),
    },
    budget: rounded(budget.balance, 2),
    latencyMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
    instances: balancer.status().map((status) => instanceView(status, clock)),
  };
}

function instanceView(status: InstanceStatus, clock: Clock): InstanceView {
  const { address, inFlight, latencyMs, weight, ejectedUntil } = status;
  return {
    address,
    inFlight,
    latencyMs: rounded(latencyMs ?? 0, 1),
    weight,
    ejectedUntil: wallTime(ejectedUntil, clock),
  };
}

/** @param at in `clock.now()` ms */
const wallTime = (at: number | undefined, clock: Clock): string | null =>
  at === undefined ? null : new Date(Date.now() + at - clock.now()).toISOString();

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
