import type { BreakerState } from '../console.contract.ts';

/** What the closed list of reasons means, for people. */
const REASONS: Readonly<Record<string, string>> = {
  timeout: 'no answer in time',
  unreachable: 'could not be reached',
  upstream_error: 'answered with an error',
  rate_limited: 'limits how often it may be asked',
  not_found: 'knows nothing under this id',
  rejected: 'refused the request',
  invalid_response: 'answered with something that is not its contract',
  circuit_open: 'circuit open: not asked',
  saturated: 'too many calls under way: not asked',
  no_instance: 'no instance known: not asked',
  skipped: 'too little time or room: not asked',
  internal_error: 'an error of our own',
};

/** A reason that is newer than this page is shown as it is. */
export const reasonInWords = (reason: string | null): string =>
  reason === null ? '' : (REASONS[reason] ?? reason);

export const BREAKER_WORDS: Readonly<Record<BreakerState, string>> = {
  closed: 'closed',
  open: 'open',
  half_open: 'half-open',
};
