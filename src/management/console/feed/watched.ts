import type { Admission } from '../../../context/admission/admission.ts';
import type { SourceRuntime } from '../../../outbound/source-runtime.ts';
import type { BreakerFrame, InstanceRow, SourceFrame } from '../console.contract.ts';
import type { SourceSecond } from './second.ts';

/** What the console looks at once a second. */
export interface Watched {
  readonly admission: Pick<Admission, 'inFlight' | 'loopDelayMs'>;
  readonly sources: readonly WatchedSource[];
}

export interface WatchedSource {
  readonly name: string;
  readonly breaker: Pick<SourceRuntime['breaker'], 'state' | 'failureRatio' | 'openUntil'>;
  readonly bulkhead: Pick<SourceRuntime['bulkhead'], 'limit' | 'inFlight' | 'queued'>;
  readonly budget: Pick<SourceRuntime['budget'], 'balance'>;
  readonly balancer: Pick<SourceRuntime['balancer'], 'status'>;
  readonly latency: Pick<SourceRuntime['latency'], 'count' | 'quantile'>;
}

/** A page is no place for more of them. */
const MOST_INSTANCES = 100;

/** How a source stands. @param now in `clock.now()` ms */
export function sourceFrame(
  source: WatchedSource,
  second: SourceSecond,
  breaker: Pick<BreakerFrame, 'troubledForMs' | 'changes'>,
  now: number,
): SourceFrame {
  const { bulkhead, budget } = source;
  return {
    ...second.take(),
    latencyMs: latencyOf(source),
    inFlight: bulkhead.inFlight,
    limit: bulkhead.limit,
    queued: bulkhead.queued,
    budget: rounded(budget.balance),
    breaker: { ...breakerNow(source, now), ...breaker },
  };
}

/** @param now in `clock.now()` ms */
export function instanceRows(
  { balancer }: WatchedSource,
  second: SourceSecond,
  now: number,
): InstanceRow[] {
  return balancer
    .status()
    .slice(0, MOST_INSTANCES)
    .map(({ address, inFlight, latencyMs, weight, ejectedUntil }) => ({
      address,
      inFlight,
      latencyMs: latencyMs === undefined ? null : rounded(latencyMs),
      weight,
      share: Math.round(second.shareOf(address) * 1000) / 1000,
      ejectedForMs: ejectedUntil === undefined ? null : Math.round(ejectedUntil - now),
    }));
}

function latencyOf({ latency }: WatchedSource): SourceFrame['latencyMs'] {
  if (latency.count === 0) return null;
  const at = (quantile: number): number => rounded(latency.quantile(quantile));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function breakerNow(
  { breaker }: WatchedSource,
  now: number,
): Pick<BreakerFrame, 'state' | 'failureRatio' | 'openForMs'> {
  const { openUntil, state, failureRatio } = breaker;
  return {
    state,
    failureRatio: Math.round(failureRatio * 1000) / 1000,
    openForMs: openUntil === undefined ? null : Math.round(openUntil - now),
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
