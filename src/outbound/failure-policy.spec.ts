import { describe, expect, it } from '@jest/globals';
import { CallError, type CallErrorCode } from '../errors/errors.ts';
import { REASONS, type Reason } from '../errors/reason.ts';
import type { Evidence } from '../instances/instance.ts';
import { consequenceOf, isDrop, type Recall, type Verdict } from './failure-policy.ts';

class AnyCallError extends CallError {
  constructor(code: CallErrorCode) {
    super(code, 'a message');
  }
}

type Expected = readonly [Reason, Verdict, Evidence, retry: boolean, Recall];

/** Written down a second time on purpose: a change of the table is a change of what we promise. */
const EXPECTED: Readonly<Record<CallErrorCode, Expected>> = {
  bulkhead_full: ['saturated', 'neutral', 'none', false, 'serve'],
  queue_timeout: ['saturated', 'neutral', 'none', false, 'serve'],
  circuit_open: ['circuit_open', 'neutral', 'none', false, 'serve'],
  no_instance: ['no_instance', 'neutral', 'none', false, 'serve'],
  too_late: ['skipped', 'neutral', 'none', false, 'serve'],
  shed: ['skipped', 'neutral', 'none', false, 'serve'],
  deadline_exceeded: ['timeout', 'neutral', 'none', false, 'serve'],
  attempt_timeout: ['timeout', 'failure', 'failed', true, 'serve'],
  unfair_timeout: ['timeout', 'neutral', 'abandoned', true, 'serve'],
  connect_timeout: ['timeout', 'failure', 'failed', true, 'serve'],
  unreachable: ['unreachable', 'failure', 'failed', true, 'serve'],
  stale_socket: ['unreachable', 'neutral', 'none', false, 'serve'],
  local_exhaustion: ['saturated', 'neutral', 'none', false, 'serve'],
  server_error: ['upstream_error', 'failure', 'failed', false, 'serve'],
  gateway_error: ['upstream_error', 'failure', 'failed', true, 'serve'],
  redirect: ['upstream_error', 'failure', 'failed', false, 'serve'],
  request_timeout: ['upstream_error', 'failure', 'failed', true, 'serve'],
  rate_limited: ['rate_limited', 'neutral', 'limited', false, 'serve'],
  not_found: ['not_found', 'success', 'answered', false, 'erase'],
  rejected: ['rejected', 'success', 'answered', false, 'none'],
  invalid_body: ['invalid_response', 'failure', 'failed', false, 'serve'],
  truncated_body: ['invalid_response', 'failure', 'failed', true, 'serve'],
  oversized_body: ['invalid_response', 'failure', 'failed', false, 'serve'],
};

const rows = Object.entries(EXPECTED) as [CallErrorCode, Expected][];

describe('the failure policy', () => {
  it.each(rows)('%s: %j', (code, [reason, verdict, evidence, retry, recall]) => {
    expect(consequenceOf(new AnyCallError(code))).toEqual({
      reason,
      verdict,
      evidence,
      retry,
      recall,
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
    });
  });

  it('knows what a source does that has too much to do', () => {
    const drops = rows.filter(([code]) => isDrop(new AnyCallError(code))).map(([code]) => code);
    expect(drops.sort()).toEqual([
      'attempt_timeout',
      'gateway_error',
      'rate_limited',
      'request_timeout',
      'truncated_body',
    ]);
    expect(isDrop(new TypeError('a bug'))).toBe(false);
  });

  it('has a code for every reason but our own bug, and no reason beyond the list', () => {
    const told = new Set(rows.map(([code]) => consequenceOf(new AnyCallError(code)).reason));
    expect([...told, 'internal_error'].sort()).toEqual([...REASONS].sort());
  });
});
