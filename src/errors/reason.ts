/** Why a section is missing or stale: the closed list that callers, metrics and logs share. */
export const REASONS = [
  'timeout',
  'unreachable',
  'upstream_error',
  'rate_limited',
  'not_found',
  'rejected',
  'invalid_response',
  'circuit_open',
  'saturated',
  'no_instance',
  'skipped',
  'internal_error',
] as const;

export type Reason = (typeof REASONS)[number];
