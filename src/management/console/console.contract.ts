/** What `GET /events` says to the console's page. Types only: the server and the page share this file. */

export type BreakerState = 'closed' | 'open' | 'half_open';

/** `event: hello`, first on every connection: what does not change, and all that is remembered. */
export interface Hello {
  readonly facts: Facts;
  /** Oldest first, one a second, at most two minutes of them. */
  readonly frames: readonly Frame[];
  readonly instances: Instances;
  /** Oldest first. */
  readonly answers: readonly IncompleteAnswer[];
}

export interface Facts {
  readonly version: string;
  readonly deadlineMs: number;
  readonly maxInFlight: number;
  readonly maxLoopDelayMs: number;
  /** Whether callers may ask for plans. */
  readonly explains: boolean;
  readonly sources: readonly SourceFacts[];
}

/** A source's options, as configured. */
export interface SourceFacts {
  readonly name: string;
  readonly isRequired: boolean;
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  readonly maxQueueWaitMs: number;
  /** 0: adapts. */
  readonly attemptTimeoutMs: number;
  readonly retries: number;
  readonly hedges: boolean;
  readonly coalesces: boolean;
  readonly staleMs: number;
  readonly freshMs: number;
  readonly breaker: {
    readonly minCalls: number;
    readonly windowMs: number;
    readonly failureRatio: number;
    readonly openMs: number;
  };
}

/** `event: frame`, once a second. */
export interface Tick {
  readonly frame: Frame;
  readonly instances: Instances;
}

/** What happened in one second, and how things stood at its end. */
export interface Frame {
  /** Its end, in ms since 1970. */
  readonly at: number;
  /** Its length; more than 1000 where the event loop was late. */
  readonly spanMs: number;
  /** Requests that ended in it. */
  readonly requests: Requests;
  /** What was left of the deadline when the answers went out, in ms; null where none did. */
  readonly slackMs: { readonly mean: number; readonly least: number } | null;
  readonly inFlight: number;
  readonly loopDelayMs: number;
  readonly sources: Readonly<Record<string, SourceFrame>>;
}

export interface Requests {
  readonly success: number;
  readonly partial_success: number;
  readonly failure: number;
  readonly not_found: number;
  readonly shed: number;
  readonly rejected: number;
  readonly cancelled: number;
}

export interface SourceFrame {
  /** Sections that requests ended with; together the calls that were made. */
  readonly fresh: number;
  readonly stale: number;
  readonly missing: number;
  /** Attempts that ended, and how many of them were extra. */
  readonly attempts: number;
  readonly retries: number;
  readonly hedges: number;
  /** Of the last half minute's answers, in ms; null where there were none. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly inFlight: number;
  readonly limit: number;
  readonly queued: number;
  /** Tokens for retries and hedges. */
  readonly budget: number;
  readonly breaker: BreakerFrame;
}

export interface BreakerFrame {
  readonly state: BreakerState;
  /** 0–1 */
  readonly failureRatio: number;
  /** Until the next probe may go, in ms; null unless open. */
  readonly openForMs: number | null;
  /** How long it has not been closed, in ms; null while it is. */
  readonly troubledForMs: number | null;
  /** Its changes within the second. */
  readonly changes: readonly BreakerChange[];
}

export interface BreakerChange {
  /** In ms since 1970. */
  readonly at: number;
  readonly to: BreakerState;
}

/** By source. */
export type Instances = Readonly<Record<string, readonly InstanceRow[]>>;

export interface InstanceRow {
  /** `host:port` */
  readonly address: string;
  readonly inFlight: number;
  readonly latencyMs: number | null;
  readonly weight: number;
  /** Of the source's attempts of late, 0–1. */
  readonly share: number;
  /** Until it may return, in ms; null unless it is ejected. */
  readonly ejectedForMs: number | null;
}

/** One of `event: partial`'s list: an answer that was not complete. Nothing in it says whose it was. */
export interface IncompleteAnswer {
  /** When it went out, in ms since 1970. */
  readonly at: number;
  readonly requestId: string;
  readonly status: 'partial_success' | 'failure';
  readonly statusCode: number;
  readonly durationMs: number;
  readonly sections: readonly AnswerSection[];
}

export interface AnswerSection {
  readonly source: string;
  readonly status: 'fresh' | 'stale' | 'missing';
  readonly reason: string | null;
  readonly elapsedMs: number;
  readonly ageMs: number | null;
  readonly attempts: number;
  /** Null where nobody asked for it. */
  readonly plan: Plan | null;
}

/** How a section came about; times in ms from the arrival of the request. */
export interface Plan {
  readonly cache: 'miss' | 'hit' | 'stale';
  readonly coalesced: boolean;
  readonly queuedMs: number;
  readonly breaker: BreakerState;
  readonly attempts: readonly PlannedAttempt[];
}

export interface PlannedAttempt {
  readonly number: number;
  readonly kind: 'first' | 'retry' | 'hedge';
  readonly instance: string;
  readonly startMs: number;
  readonly endMs: number;
  /** `ok`, a reason, or `cancelled`. */
  readonly outcome: string;
}
