import type { Reason } from '../../errors/reason.ts';
import type { SectionEnd } from './request-end.ts';

/**
 * What a tracer is told, and what it says: the port between those who know when something begins and ends, and the one
 * who writes it down. Where tracing is off, or this request is not sampled, none of it is there. All times are
 * `clock.now()` ms.
 */
export interface RequestTracer {
  begin(request: TracedRequest): RequestTrace;
}

export interface TracedRequest {
  readonly method: string;
  readonly arrivedAt: number;
  /** As they came. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

export interface RequestTrace {
  /** Under which the request goes on from here. */
  readonly traceparent: string;
  /** Whether it belongs to the caller's trace: else the caller's `tracestate` goes no further. */
  readonly isContinued: boolean;
  /** Not: nothing below is to be traced, and nobody needs to hear of the end. */
  readonly isSampled: boolean;
  beginCall(source: string): CallTrace;
  end(end: TracedEnd): void;
}

/** How a request ended. */
export interface TracedEnd {
  /** 0: there was no answer. */
  readonly statusCode: number;
  /** Whether the caller left before the answer was out. */
  readonly isCancelled: boolean;
  readonly sections: readonly SectionEnd[] | undefined;
}

export interface CallTrace {
  beginAttempt(attempt: TracedAttempt): AttemptTrace;
  end(end: TracedCall): void;
}

/** What became of a call. */
export interface TracedCall {
  readonly outcome: TracedOutcome;
  /** Why it was answered from memory. */
  readonly staleReason: Reason | undefined;
  readonly cache: 'miss' | 'hit' | 'stale';
  readonly isCoalesced: boolean;
  readonly queuedMs: number;
  /** Those that were sent, of the shared flight where it joined one. */
  readonly attempts: readonly TracedAttempt[];
}

export type TracedOutcome = 'ok' | Reason | 'cancelled';

/** An attempt that is sent. */
export interface TracedAttempt {
  readonly kind: string;
  readonly number: number;
  readonly startedAt: number;
  readonly instance: { readonly origin: string } | undefined;
  readonly trace: AttemptTrace | undefined;
}

export interface AttemptTrace {
  /** What the source is told it is part of. */
  readonly traceparent: string;
  /** @param statusCode of the source's answer; 0: none came */
  end(outcome: TracedOutcome, statusCode: number): void;
}
