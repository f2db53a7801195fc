import { describe, expect, it } from '@jest/globals';
import { CallError, type CallErrorCode } from '../errors/errors.ts';
import { REASONS, type Reason } from '../errors/reason.ts';
import { consequenceOf, type Verdict } from './failure-policy.ts';

class AnyCallError extends CallError {
  constructor(code: CallErrorCode) {
    super(code, 'a message');
  }
}

/** Written down a second time on purpose: a change of the table is a change of what we promise. */
const EXPECTED: Readonly<Record<CallErrorCode, readonly [Reason, Verdict]>> = {
  bulkhead_full: ['saturated', 'neutral'],
  queue_timeout: ['saturated', 'neutral'],
  circuit_open: ['circuit_open', 'neutral'],
  no_instance: ['no_instance', 'neutral'],
  too_late: ['skipped', 'neutral'],
  deadline_exceeded: ['timeout', 'neutral'],
  attempt_timeout: ['timeout', 'failure'],
  unfair_timeout: ['timeout', 'neutral'],
  connect_timeout: ['timeout', 'failure'],
  unreachable: ['unreachable', 'failure'],
  stale_socket: ['unreachable', 'neutral'],
  local_exhaustion: ['saturated', 'neutral'],
  server_error: ['upstream_error', 'failure'],
  redirect: ['upstream_error', 'failure'],
  request_timeout: ['upstream_error', 'failure'],
  rate_limited: ['rate_limited', 'neutral'],
  not_found: ['not_found', 'success'],
  rejected: ['rejected', 'success'],
  invalid_body: ['invalid_response', 'failure'],
  truncated_body: ['invalid_response', 'failure'],
  oversized_body: ['invalid_response', 'failure'],
};

const rows = Object.entries(EXPECTED) as [CallErrorCode, readonly [Reason, Verdict]][];

describe('the failure policy', () => {
  it.each(rows)('%s: %j', (code, [reason, verdict]) => {
    expect(consequenceOf(new AnyCallError(code))).toMatchObject({ reason, verdict });
  });

  it.each([
    ['a TypeError', new TypeError('x is not a function')],
    ['an error that only looks like one of ours', Object.assign(new Error(), { code: 'rejected' })],
    ['a string', 'rejected'],
    ['nothing', undefined],
  ])('takes %s for our own bug, and does not blame the source', (_what, error) => {
    expect(consequenceOf(error)).toMatchObject({ reason: 'internal_error', verdict: 'neutral' });
  });

  it('has a code for every reason but our own bug, and no reason beyond the list', () => {
    const told = new Set(rows.map(([code]) => consequenceOf(new AnyCallError(code)).reason));
    expect([...told, 'internal_error'].sort()).toEqual([...REASONS].sort());
  });
});
