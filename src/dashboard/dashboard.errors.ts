import type { Reason } from '../errors/reason.ts';
import type { MissingSection, Section } from './section.ts';

/** A dashboard that cannot be answered, with what became of every asked section. Like a `CallError` it has no stack. */
export abstract class DashboardError extends Error {
  readonly sections: readonly Section[];

  constructor(message: string, sections: readonly Section[]) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.sections = sections;
  }
}

/** The source that knows the users does not know this one. */
export class UserNotFoundError extends DashboardError {
  constructor(sections: readonly Section[]) {
    super('there is no such user', sections);
  }
}

export type FailureStatus = 502 | 503 | 504;

/** No section came at all, or one that is required is missing. */
export class DashboardFailedError extends DashboardError {
  readonly status: FailureStatus;
  /** For a 503: when trying again may help, in whole seconds from now. */
  readonly retryAfterSeconds: number;

  constructor(decisive: readonly MissingSection[], sections: readonly Section[]) {
    super(`${decisive.map(({ source, reason }) => `${source}: ${reason}`).join(', ')}`, sections);
    this.status = failureStatus(decisive);
    this.retryAfterSeconds = retryAfterSeconds(decisive);
  }
}

/** What a missing section makes of the whole answer when it decides. */
const STATUS_OF: Readonly<Record<Reason, FailureStatus>> = {
  timeout: 504,
  circuit_open: 503,
  saturated: 503,
  no_instance: 503,
  skipped: 503,
  rate_limited: 503,
  unreachable: 502,
  upstream_error: 502,
  not_found: 502,
  rejected: 502,
  invalid_response: 502,
  internal_error: 502,
};

/**
 * All timeouts: 504. All "later may help", timeouts among them: 503. Anything else among them: 502. That is the
 * smallest of their statuses.
 */
function failureStatus(decisive: readonly MissingSection[]): FailureStatus {
  return decisive.reduce<FailureStatus>((status, { reason }) => {
    const other = STATUS_OF[reason];
    return other < status ? other : status;
  }, 504);
}

/** The longest of the sources' own hints, between 1 and 30 s. */
function retryAfterSeconds(decisive: readonly MissingSection[]): number {
  const hintMs = Math.max(0, ...decisive.map(({ retryAfterMs }) => retryAfterMs ?? 0));
  return Math.min(30, Math.max(1, Math.ceil(hintMs / 1000)));
}
