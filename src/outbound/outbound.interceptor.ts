import type { Observable } from 'rxjs';
import type { z } from 'zod';
import type { CallContext } from '../context/request-context.ts';
import type { Reason } from '../errors/reason.ts';
import type { Instance } from '../instances/instance.ts';
import { Wire } from '../transport/wire.ts';

/** The two types of the outbound pipeline: Nest's own interceptor shape, for calls that go out. */

/** One HTTP try of a call; the layers below the retry fill it in on its way down. */
export class Attempt {
  readonly wire = new Wire();
  /** Where it goes; set by the instance layer. */
  instance: Instance | undefined;
  /** Whether a connection kept from earlier answers will not do. */
  onNewConnection = false;
}

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
  readonly value: T;
  /** Set when a remembered value stands in for the answer that failed. */
  readonly stale?: { readonly reason: Reason; readonly ageMs: number };
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
