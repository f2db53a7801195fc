import { describe, expect, it } from '@jest/globals';
import {
  AttemptTimeoutError,
  BulkheadFullError,
  CallError,
  CircuitOpenError,
  ConnectTimeoutError,
  DeadlineExceededError,
  InvalidBodyError,
  LocalExhaustionError,
  NoInstanceError,
  OversizedBodyError,
  QueueTimeoutError,
  RefusedError,
  SourceError,
  SourceStatusError,
  TooLateError,
  TruncatedBodyError,
  UnreachableError,
} from './errors.ts';

const REFUSALS: readonly [CallError, string][] = [
  [new BulkheadFullError(), 'bulkhead_full'],
  [new QueueTimeoutError(75), 'queue_timeout'],
  [new CircuitOpenError(1_000), 'circuit_open'],
  [new NoInstanceError(), 'no_instance'],
  [new TooLateError(), 'too_late'],
  [new DeadlineExceededError(), 'deadline_exceeded'],
];

const FAILURES: readonly [CallError, string][] = [
  [new AttemptTimeoutError(700, true), 'attempt_timeout'],
  [new AttemptTimeoutError(20, false), 'unfair_timeout'],
  [new ConnectTimeoutError(), 'connect_timeout'],
  [new UnreachableError(), 'unreachable'],
  [new LocalExhaustionError(), 'local_exhaustion'],
  [new SourceStatusError(500), 'server_error'],
  [new InvalidBodyError('is not JSON'), 'invalid_body'],
  [new TruncatedBodyError(), 'truncated_body'],
  [new OversizedBodyError(1_024), 'oversized_body'],
];

describe('the catalogue of errors', () => {
  it.each(REFUSALS.map(([error, code]) => ({ error, code })))(
    '$code is ours',
    ({ error, code }) => {
      expect(error).toBeInstanceOf(RefusedError);
      expect(error).not.toBeInstanceOf(SourceError);
      expect(error.code).toBe(code);
    },
  );

  it.each(FAILURES.map(([error, code]) => ({ error, code })))(
    "$code is the source's",
    ({ error, code }) => {
      expect(error).toBeInstanceOf(SourceError);
      expect(error).not.toBeInstanceOf(RefusedError);
      expect(error.code).toBe(code);
    },
  );

  it.each([
    [100, 'server_error'],
    [300, 'redirect'],
    [302, 'redirect'],
    [304, 'redirect'],
    [399, 'redirect'],
    [400, 'rejected'],
    [401, 'rejected'],
    [403, 'rejected'],
    [404, 'not_found'],
    [408, 'request_timeout'],
    [409, 'rejected'],
    [410, 'not_found'],
    [422, 'rejected'],
    [429, 'rate_limited'],
    [499, 'rejected'],
    [500, 'server_error'],
    [502, 'gateway_error'],
    [503, 'gateway_error'],
    [504, 'gateway_error'],
    [599, 'server_error'],
    [999, 'server_error'],
  ])('a status of %d has the code %s', (status, code) => {
    expect(new SourceStatusError(status)).toMatchObject({ status, code });
  });

  it('keeps when trying again may help, where that is known', () => {
    expect(new SourceStatusError(503, 2_000).retryAfterMs).toBe(2_000);
    expect(new CircuitOpenError(640).retryAfterMs).toBe(640);
    expect(new SourceStatusError(503).retryAfterMs).toBeUndefined();
    expect(new BulkheadFullError().retryAfterMs).toBeUndefined();
  });

  it('captures no stack for what is expected, and leaves the stacks of others alone', () => {
    const limit = Error.stackTraceLimit;
    const frames = (error: Error): number => error.stack?.match(/^\s+at /gm)?.length ?? 0;
    expect(frames(new BulkheadFullError())).toBe(0);
    expect(Error.stackTraceLimit).toBe(limit);
    expect(frames(new Error('a bug'))).toBeGreaterThan(0);
  });

  it('tells whole ms', () => {
    expect(new AttemptTimeoutError(1_439.6, true).message).toBe('no answer within 1440 ms');
    expect(new QueueTimeoutError(74.7).message).toBe('no permit within 75 ms');
  });

  it('says nothing in a message that names a host, a path or a body', () => {
    for (const [{ message }] of [...REFUSALS, ...FAILURES])
      expect(message).toMatch(/^[A-Za-z0-9 ,]+$/);
  });
});
