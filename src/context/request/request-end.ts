import type { Reason } from '../../errors/reason.ts';

/** How a request ended, in the words that metrics, logs and the console share. */
export const REQUEST_STATUSES = [
  /** A dashboard with every asked section fresh. */
  'success',
  /** A dashboard with a section missing or stale. */
  'partial_success',
  /** A 5xx, but for the shed. */
  'failure',
  /** The user source does not know the user. */
  'not_found',
  /** Turned away at the door. */
  'shed',
  /** Any other 4xx. */
  'rejected',
  /** The caller left before the answer was out. */
  'cancelled',
] as const;

export type RequestStatus = (typeof REQUEST_STATUSES)[number];

export const SECTION_STATUSES = ['fresh', 'stale', 'missing'] as const;

/** How a section came about, in ms from the arrival of the request. */
export interface SectionPlan {
  readonly cache: 'miss' | 'hit' | 'stale';
  readonly coalesced: boolean;
  readonly queuedMs: number;
  /** As the call found it. */
  readonly breaker: 'closed' | 'open' | 'half_open';
  readonly attempts: readonly {
    readonly number: number;
    readonly kind: 'first' | 'retry' | 'hedge';
    /** `host:port` */
    readonly instance: string;
    readonly startMs: number;
    readonly endMs: number;
    readonly outcome: 'ok' | Reason | 'cancelled';
  }[];
}

/** What became of one asked section. */
export interface SectionEnd {
  readonly source: string;
  readonly status: (typeof SECTION_STATUSES)[number];
  /** Why it is not fresh. */
  readonly reason?: Reason;
  /** From the arrival of the request, in ms. */
  readonly elapsedMs: number;
  readonly ageMs?: number;
  readonly attempts: number;
  /** Only where the caller asked how it came about. */
  readonly plan?: SectionPlan;
}

/** A request that is over. No user, token, query or body is in it: listeners may write down all of it. */
export interface RequestEnd {
  readonly status: RequestStatus;
  /** Of the answer, or what it would have been where a stream had begun; 0: there was none. */
  readonly statusCode: number;
  readonly requestId: string;
  /** The caller's `traceparent` as it came; where tracing is on, that of our own span. */
  readonly traceparent: string | undefined;
  /** From its arrival to the last byte of the answer, in ms; 0 where it was refused before anything was known of it. */
  readonly durationMs: number;
  /** What was left of its deadline then, in ms, negative after it; undefined where no source was asked or no answer given. */
  readonly slackMs: number | undefined;
  /** Undefined where no source was asked, or where nobody waited for what became of it. */
  readonly sections: readonly SectionEnd[] | undefined;
}

/** Told of every request for a dashboard, and of all others that were refused. Must be quick and must not throw. */
export interface RequestListener {
  requestEnded(end: RequestEnd): void;
}
