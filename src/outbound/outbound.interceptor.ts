import type { Observable } from 'rxjs';
import type { z } from 'zod';
import type { Reason } from '../errors/reason.ts';
import type { Attempt } from './call/attempt.ts';
import type { CallContext } from './call/call-context.ts';

/** The two types of the outbound pipeline: Nest's own interceptor shape, for calls that go out. */

/** One question to a source for one request. */
export interface OutboundCall<T> {
  readonly source: string;
  /** Path and query, already encoded. */
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly context: CallContext;
  /** The attempt below this point of the pipeline. */
  readonly attempt: Attempt;
}

/** A checked value, and where it comes from when the source did not just answer. */
export interface Fetched<T> {
  /** Made when it is asked for, where there is `json`. */
  readonly value: T;
  /** The same as text in one line, where it is known. */
  readonly json?: string;
  /** The bytes it was read from, where the source just answered. */
  readonly body?: Buffer;
  /** Set when it is remembered from an earlier answer. */
  readonly remembered?: {
    readonly ageMs: number;
    /** Of the failure it stands in for; absent when it was fresh enough not to ask at all. */
    readonly reason?: Reason;
  };
}

export interface OutboundHandler {
  /** A cold observable of one value: subscribe = attempt, unsubscribe = cancel, finalize = release. */
  handle<T>(call: OutboundCall<T>): Observable<Fetched<T>>;
}

export interface OutboundInterceptor {
  intercept<T>(call: OutboundCall<T>, next: OutboundHandler): Observable<Fetched<T>>;
}

/** The first interceptor of the list sees the call first. */
export function compose(
  interceptors: readonly OutboundInterceptor[],
  last: OutboundHandler,
): OutboundHandler {
  return interceptors.reduceRight<OutboundHandler>(
    (next, interceptor) => ({ handle: (call) => interceptor.intercept(call, next) }),
    last,
  );
}
