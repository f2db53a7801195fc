import type { Instance } from '../../src/instances/instance.ts';
import type { BreakerState } from '../../src/outbound/breaker/breaker-gate.ts';
import { AttemptLimit } from '../../src/outbound/latency/attempt-limit.ts';
import type { RecentLatency } from '../../src/outbound/latency/recent-latency.ts';

/** What an attempt limit looks at besides the latency; a test may change it as it goes. */
export interface LimitSurroundings {
  fixedMs?: number;
  instances?: number;
  affords?: boolean;
  breaker?: BreakerState;
}

/** Adapts, for a source with two instances, a budget and a closed breaker, unless said otherwise. */
export function attemptLimitOf(
  latency: RecentLatency,
  surroundings: LimitSurroundings = {},
): AttemptLimit {
  return new AttemptLimit(surroundings.fixedMs ?? 0, {
    latency,
    balancer: {
      get list() {
        return Array.from({ length: surroundings.instances ?? 2 }, () => INSTANCE);
      },
    },
    budget: { affords: () => surroundings.affords ?? true },
    breaker: {
      get state() {
        return surroundings.breaker ?? 'closed';
      },
    },
  });
}

const INSTANCE: Instance = { origin: 'http://a:80', address: 'a', weight: 1, inFlight: 0 };
