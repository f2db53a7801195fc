import { CallError, type CallErrorCode } from '../errors/errors.ts';
import type { Reason } from '../errors/reason.ts';
import type { Evidence } from '../instances/instance.ts';

/** What one attempt says about its source: evidence for it, against it, or none at all. */
export type Verdict = 'success' | 'failure' | 'neutral';

/** What the last good answer is for after a failure: to stand in for it, to be erased, or nothing. */
export type Recall = 'serve' | 'erase' | 'none';

export interface Consequence {
  /** What the caller is told. */
  readonly reason: Reason;
  /** What the circuit breaker is told. */
  readonly verdict: Verdict;
  /** What the instance that had the attempt is told. */
  readonly evidence: Evidence;
  /** Whether another attempt may end better. */
  readonly retry: boolean;
  readonly recall: Recall;
}

const row = (
  reason: Reason,
  verdict: Verdict,
  evidence: Evidence,
  retry: boolean,
  recall: Recall,
): Consequence => ({ reason, verdict, evidence, retry, recall });

/** The one table from what happened to what follows. Exhaustive: a new code does not compile without its row. */
// prettier-ignore
const CONSEQUENCES: Readonly<Record<CallErrorCode, Consequence>> = {
  //                     reason              breaker    instance     retry  last good answer
  // Refused by us: never evidence against the source.
  bulkhead_full:     row('saturated',        'neutral', 'none',      false, 'serve'),
  queue_timeout:     row('saturated',        'neutral', 'none',      false, 'serve'),
  circuit_open:      row('circuit_open',     'neutral', 'none',      false, 'serve'),
  no_instance:       row('no_instance',      'neutral', 'none',      false, 'serve'),
  too_late:          row('skipped',          'neutral', 'none',      false, 'serve'),
  shed:              row('skipped',          'neutral', 'none',      false, 'serve'),
  deadline_exceeded: row('timeout',          'neutral', 'none',      false, 'serve'),
  // Time.
  attempt_timeout:   row('timeout',          'failure', 'failed',    true,  'serve'),
  unfair_timeout:    row('timeout',          'neutral', 'abandoned', true,  'serve'),
  connect_timeout:   row('timeout',          'failure', 'failed',    true,  'serve'),
  // The way to the source.
  unreachable:       row('unreachable',      'failure', 'failed',    true,  'serve'),
  stale_socket:      row('unreachable',      'neutral', 'none',      false, 'serve'),
  local_exhaustion:  row('saturated',        'neutral', 'none',      false, 'serve'),
  // Its answer. A 4xx is a source that works and says no; a 500 is a bug that another try would meet again.
  server_error:      row('upstream_error',   'failure', 'failed',    false, 'serve'),
  gateway_error:     row('upstream_error',   'failure', 'failed',    true,  'serve'),
  redirect:          row('upstream_error',   'failure', 'failed',    false, 'serve'),
  request_timeout:   row('upstream_error',   'failure', 'failed',    true,  'serve'),
  rate_limited:      row('rate_limited',     'neutral', 'limited',   false, 'serve'),
  not_found:         row('not_found',        'success', 'answered',  false, 'erase'),
  rejected:          row('rejected',         'success', 'answered',  false, 'none'),
  invalid_body:      row('invalid_response', 'failure', 'failed',    false, 'serve'),
  truncated_body:    row('invalid_response', 'failure', 'failed',    true,  'serve'),
  oversized_body:    row('invalid_response', 'failure', 'failed',    false, 'serve'),
};

/** What a source does that has too much to do. A refused connection is a source that is not there. */
const DROPS: ReadonlySet<CallErrorCode> = new Set<CallErrorCode>([
  'attempt_timeout',
  'request_timeout',
  'gateway_error',
  'rate_limited',
  'truncated_body',
]);

/** Whether it says that the source has too much to do, so that it had better get less. */
export const isDrop = (error: unknown): boolean =>
  error instanceof CallError && DROPS.has(error.code);

/** Whatever is not in the catalogue is our own bug: the caller is told so, and the source is not blamed. */
const OUR_BUG = row('internal_error', 'neutral', 'none', false, 'none');

export function consequenceOf(error: unknown): Consequence {
  return error instanceof CallError ? CONSEQUENCES[error.code] : OUR_BUG;
}
