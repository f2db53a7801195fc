import { CallError, type CallErrorCode } from '../errors/errors.ts';
import type { Reason } from '../errors/reason.ts';

/** What one attempt says about its source: evidence for it, against it, or none at all. */
export type Verdict = 'success' | 'failure' | 'neutral';

interface Consequence {
  /** What the caller is told. */
  readonly reason: Reason;
  /** What the circuit breaker is told. */
  readonly verdict: Verdict;
}

/** The one table from what happened to what follows. Exhaustive: a new code does not compile without its row. */
const CONSEQUENCES: Readonly<Record<CallErrorCode, Consequence>> = {
  // Refused by us: never evidence against the source.
  bulkhead_full: { reason: 'saturated', verdict: 'neutral' },
  queue_timeout: { reason: 'saturated', verdict: 'neutral' },
  circuit_open: { reason: 'circuit_open', verdict: 'neutral' },
  no_instance: { reason: 'no_instance', verdict: 'neutral' },
  too_late: { reason: 'skipped', verdict: 'neutral' },
  deadline_exceeded: { reason: 'timeout', verdict: 'neutral' },
  // Time.
  attempt_timeout: { reason: 'timeout', verdict: 'failure' },
  unfair_timeout: { reason: 'timeout', verdict: 'neutral' },
  connect_timeout: { reason: 'timeout', verdict: 'failure' },
  // The way to the source.
  unreachable: { reason: 'unreachable', verdict: 'failure' },
  stale_socket: { reason: 'unreachable', verdict: 'neutral' },
  local_exhaustion: { reason: 'saturated', verdict: 'neutral' },
  // Its answer. A 4xx is a source that works and says no.
  server_error: { reason: 'upstream_error', verdict: 'failure' },
  redirect: { reason: 'upstream_error', verdict: 'failure' },
  request_timeout: { reason: 'upstream_error', verdict: 'failure' },
  rate_limited: { reason: 'rate_limited', verdict: 'neutral' },
  not_found: { reason: 'not_found', verdict: 'success' },
  rejected: { reason: 'rejected', verdict: 'success' },
  invalid_body: { reason: 'invalid_response', verdict: 'failure' },
  truncated_body: { reason: 'invalid_response', verdict: 'failure' },
  oversized_body: { reason: 'invalid_response', verdict: 'failure' },
};

/** Whatever is not in the catalogue is our own bug: the caller is told so, and the source is not blamed. */
const OUR_BUG: Consequence = { reason: 'internal_error', verdict: 'neutral' };

export function consequenceOf(error: unknown): Consequence {
  return error instanceof CallError ? CONSEQUENCES[error.code] : OUR_BUG;
}
