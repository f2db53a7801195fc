/**
 * The catalogue of what can go wrong with a call, named for what happened. `RefusedError`s are ours: nothing was
 * sent. `SourceError`s are the source's. Their consequences stand in `outbound/failure-policy.ts`, not here.
 */

export type CallErrorCode =
  | 'bulkhead_full'
  | 'queue_timeout'
  | 'circuit_open'
  | 'no_instance'
  | 'too_late'
  | 'shed'
  | 'deadline_exceeded'
  | 'attempt_timeout'
  | 'unfair_timeout'
  | 'connect_timeout'
  | 'unreachable'
  | 'stale_socket'
  | 'local_exhaustion'
  | 'server_error'
  | 'gateway_error'
  | 'redirect'
  | 'request_timeout'
  | 'rate_limited'
  | 'not_found'
  | 'rejected'
  | 'invalid_body'
  | 'truncated_body'
  | 'oversized_body';

/** A call that ended without a value. Expected in daily work, so it carries no stack (a few µs each). */
export abstract class CallError extends Error {
  readonly code: CallErrorCode;
  /** When trying again may help, in ms from now; unknown when absent. */
  readonly retryAfterMs: number | undefined;

  constructor(code: CallErrorCode, message: string, retryAfterMs?: number) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** We did not try: nothing reached the source. */
export abstract class RefusedError extends CallError {}

export class BulkheadFullError extends RefusedError {
  constructor() {
    super('bulkhead_full', 'all permits and all places in the queue are taken');
  }
}

export class QueueTimeoutError extends RefusedError {
  constructor(waitedMs: number) {
    super('queue_timeout', `no permit within ${Math.round(waitedMs)} ms`);
  }
}

export class CircuitOpenError extends RefusedError {
  constructor(retryAfterMs: number) {
    super('circuit_open', 'the circuit breaker is open', retryAfterMs);
  }
}

export class NoInstanceError extends RefusedError {
  constructor() {
    super('no_instance', 'discovery knows no instance');
  }
}

/** Too little of the deadline is left for an attempt to make sense. */
export class TooLateError extends RefusedError {
  constructor() {
    super('too_late', 'too little time left to try');
  }
}

/** The process is close to its limits, and the answer can do without. */
export class ShedError extends RefusedError {
  constructor() {
    super('shed', 'not asked under overload');
  }
}

/** The request's deadline passed, in the queue or above any attempt. */
export class DeadlineExceededError extends RefusedError {
  constructor() {
    super('deadline_exceeded', 'the deadline passed');
  }
}

/** We tried, and the source or the way to it failed. */
export abstract class SourceError extends CallError {}

export class AttemptTimeoutError extends SourceError {
  /** @param fair whether the source had a real chance: time enough, and our own loop was listening */
  constructor(budgetMs: number, fair: boolean) {
    super(
      fair ? 'attempt_timeout' : 'unfair_timeout',
      `no answer within ${Math.round(budgetMs)} ms`,
    );
  }
}

export class ConnectTimeoutError extends SourceError {
  constructor() {
    super('connect_timeout', 'no connection in time');
  }
}

/** Refused, DNS, TLS, or reset before any byte of the answer. */
export class UnreachableError extends SourceError {
  constructor() {
    super('unreachable', 'no connection, or it closed before any byte of the answer');
  }
}

/** A connection kept from an earlier answer closed under us before any byte: it may have been closing already. */
export class StaleSocketError extends SourceError {
  constructor() {
    super('stale_socket', 'a kept connection closed before any byte of the answer');
  }
}

/** Our own machine is out of sockets, ports or buffers: not evidence against the source. */
export class LocalExhaustionError extends SourceError {
  constructor() {
    super('local_exhaustion', 'no local socket to be had');
  }
}

/** Any answer but 2xx. Its body is never read. */
export class SourceStatusError extends SourceError {
  readonly status: number;

  constructor(status: number, retryAfterMs?: number) {
    super(statusCode(status), `answered with status ${status}`, retryAfterMs);
    this.status = status;
  }
}

/** Not JSON, not the schema, compressed, or not HTTP at all. */
export class InvalidBodyError extends SourceError {
  constructor(problem: string) {
    super('invalid_body', problem);
  }
}

/** The connection ended in the middle of the answer. */
export class TruncatedBodyError extends SourceError {
  constructor() {
    super('truncated_body', 'the answer was cut short');
  }
}

export class OversizedBodyError extends SourceError {
  constructor(limitBytes: number) {
    super('oversized_body', `the answer is larger than ${limitBytes} bytes`);
  }
}

function statusCode(status: number): CallErrorCode {
  if (status === 404 || status === 410) return 'not_found';
  if (status === 408) return 'request_timeout';
  if (status === 429) return 'rate_limited';
  if (status >= 502 && status <= 504) return 'gateway_error';
  if (status >= 400 && status < 500) return 'rejected';
  return status >= 300 && status < 400 ? 'redirect' : 'server_error';
}
