import { describe, expect, it } from '@jest/globals';
import { CallError, type CallErrorCode } from '../errors/errors.ts';
import { REASONS, type Reason } from '../errors/reason.ts';
import type { Evidence } from '../instances/instance.ts';
import { consequenceOf, type Recall, type Verdict } from './failure-policy.ts';

class AnyCallError extends CallError {
  constructor(code: CallErrorCode) {
    super(code, 'a message');
  }
}

type Expected = readonly [Reason, Verdict, Evidence, retry: boolean, Recall, isDrop: boolean];

/** Written down a second time on purpose: a change of the table is a change of what we promise. */
const EXPECTED: Readonly<Record<CallErrorCode, Expected>> = {
  bulkhead_full: ['saturated', 'neutral', 'none', false, 'serve', false],
  queue_timeout: ['saturated', 'neutral', 'none', false, 'serve', false],
  circuit_open: ['circuit_open', 'neutral', 'none', false, 'serve', false],
  no_instance: ['no_instance', 'neutral', 'none', false, 'serve', false],
  too_late: ['skipped', 'neutral', 'none', false, 'serve', false],
  shed: ['skipped', 'neutral', 'none', false, 'serve', false],
  deadline_exceeded: ['timeout', 'neutral', 'none', false, 'serve', false],
  attempt_timeout: ['timeout', 'failure', 'failed', true, 'serve', true],
  unfair_timeout: ['timeout', 'neutral', 'abandoned', true, 'serve', false],
  connect_timeout: ['timeout', 'failure', 'failed', true, 'serve', false],
  unreachable: ['unreachable', 'failure', 'failed', true, 'serve', false],
  stale_socket: ['unreachable', 'neutral', 'none', false, 'serve', false],
  local_exhaustion: ['saturated', 'neutral', 'none', false, 'serve', false],
  server_error: ['upstream_error', 'failure', 'failed', false, 'serve', false],
  gateway_error: ['upstream_error', 'failure', 'failed', true, 'serve', true],
  redirect: ['upstream_error', 'failure', 'failed', false, 'serve', false],
  request_timeout: ['upstream_error', 'failure', 'failed', true, 'serve', true],
  rate_limited: ['rate_limited', 'neutral', 'limited', false, 'serve', true],
  not_found: ['not_found', 'success', 'answered', false, 'erase', false],
  rejected: ['rejected', 'success', 'answered', false, 'none', false],
  invalid_body: ['invalid_response', 'failure', 'failed', false, 'serve', false],
  truncated_body: ['invalid_response', 'failure', 'failed', true, 'serve', true],
  oversized_body: ['invalid_response', 'failure', 'failed', false, 'serve', false],
};

const rows = Object.entries(EXPECTED) as [CallErrorCode, Expected][];

describe('the failure policy', () => {
  it.each(rows)('%s: %j', (code, [reason, verdict, evidence, retry, recall, isDrop]) => {
    expect(consequenceOf(new AnyCallError(code))).toEqual({
      reason,
      verdict,
      evidence,
      retry,
      recall,
      isDrop,
    });
  });

  it.each([
    ['a TypeError', new TypeError('x is not a function')],
    ['an error that only looks like one of ours', Object.assign(new Error(), { code: 'rejected' })],
    ['a string', 'rejected'],
    ['nothing', undefined],
  ])('takes %s for our own bug, and does not blame the source', (_what, error) => {
    expect(consequenceOf(error)).toEqual({
      reason: 'internal_error',
      verdict: 'neutral',
      evidence: 'none',
      retry: false,
      recall: 'none',
      isDrop: false,
    });
  });

  it('has a code for every reason but our own bug, and no reason beyond the list', () => {
    const told = new Set(rows.map(([code]) => consequenceOf(new AnyCallError(code)).reason));
    expect([...told, 'internal_error'].sort()).toEqual([...REASONS].sort());
  });
});
