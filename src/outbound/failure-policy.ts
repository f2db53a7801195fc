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
  /** Whether the source has too much to do, so that it had better get less. A refused connection is one that is not there. */
  readonly isDrop: boolean;
}

const row = (
  reason: Reason,
  verdict: Verdict,
  evidence: Evidence,
  retry: boolean,
  recall: Recall,
  isDrop: boolean,
): Consequence => ({ reason, verdict, evidence, retry, recall, isDrop });

/** The one table from what happened to what follows. Exhaustive: a new code does not compile without its row. */
// prettier-ignore
const CONSEQUENCES: Readonly<Record<CallErrorCode, Consequence>> = {
  //                     reason              breaker    instance     retry  answer   drop
  // Refused by us: never evidence against the source.
  bulkhead_full:     row('saturated',        'neutral', 'none',      false, 'serve', false),
  queue_timeout:     row('saturated',        'neutral', 'none',      false, 'serve', false),
  circuit_open:      row('circuit_open',     'neutral', 'none',      false, 'serve', false),
  no_instance:       row('no_instance',      'neutral', 'none',      false, 'serve', false),
  too_late:          row('skipped',          'neutral', 'none',      false, 'serve', false),
  shed:              row('skipped',          'neutral', 'none',      false, 'serve', false),
  deadline_exceeded: row('timeout',          'neutral', 'none',      false, 'serve', false),
  // Time.
  attempt_timeout:   row('timeout',          'failure', 'failed',    true,  'serve', true),
  unfair_timeout:    row('timeout',          'neutral', 'abandoned', true,  'serve', false),
  connect_timeout:   row('timeout',          'failure', 'failed',    true,  'serve', false),
  // The way to the source.
  unreachable:       row('unreachable',      'failure', 'failed',    true,  'serve', false),
  stale_socket:      row('unreachable',      'neutral', 'none',      false, 'serve', false),
  local_exhaustion:  row('saturated',        'neutral', 'none',      false, 'serve', false),
  // Its answer. A 4xx is a source that works and says no; a 500 is a bug that another try would meet again.
  server_error:      row('upstream_error',   'failure', 'failed',    false, 'serve', false),
  gateway_error:     row('upstream_error',   'failure', 'failed',    true,  'serve', true),
  redirect:          row('upstream_error',   'failure', 'failed',    false, 'serve', false),
  request_timeout:   row('upstream_error',   'failure', 'failed',    true,  'serve', true),
  rate_limited:      row('rate_limited',     'neutral', 'limited',   false, 'serve', true),
  not_found:         row('not_found',        'success', 'answered',  false, 'erase', false),
  rejected:          row('rejected',         'success', 'answered',  false, 'none',  false),
  invalid_body:      row('invalid_response', 'failure', 'failed',    false, 'serve', false),
  truncated_body:    row('invalid_response', 'failure', 'failed',    true,  'serve', true),
  oversized_body:    row('invalid_response', 'failure', 'failed',    false, 'serve', false),
};

/** Whatever is not in the catalogue is our own bug: the caller is told so, and the source is not blamed. */
const OUR_BUG = row('internal_error', 'neutral', 'none', false, 'none', false);

export function consequenceOf(error: unknown): Consequence {
  return error instanceof CallError ? CONSEQUENCES[error.code] : OUR_BUG;
}
