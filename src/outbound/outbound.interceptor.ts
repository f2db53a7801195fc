import { Observable } from 'rxjs';
import type { z } from 'zod';
import type { Reason } from '../errors/reason.ts';
import type { Attempt } from './call/attempt.ts';
import type { CallContext } from './call/call-context.ts';
import { Flow } from './flow.ts';

/** The types of the outbound pipeline: Nest's idea of interceptors around a handler, for calls that go out. */

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

/** A call's way through the pipeline, which ends with one checked value. */
export type CallFlow<T> = Flow<Fetched<T>>;

/** The pipeline from some point on. */
export interface OutboundHandler {
  /** Takes the call on, and tells the flow how it ended. What it throws is the call's error. */
  handle<T>(call: OutboundCall<T>, flow: CallFlow<T>): void;
}

export interface OutboundInterceptor {
  /**
   * Does its part, leaves a frame for what is to be done when the call has ended, and hands the call on, as the very
   * last thing: it may have ended when `handle` returns. What it throws is the call's error.
   */
  intercept<T>(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler): void;
}

/** The first interceptor of the list sees the call first. */
export function compose(
  interceptors: readonly OutboundInterceptor[],
  last: OutboundHandler,
): OutboundHandler {
  return interceptors.reduceRight<OutboundHandler>(
    (next, interceptor) => ({ handle: (call, flow) => interceptor.intercept(call, flow, next) }),
    last,
  );
}

/** Hands a call on where nobody above would catch what is thrown: from a timer, or at the beginning of a flow. */
export function enter<T>(handler: OutboundHandler, call: OutboundCall<T>, flow: CallFlow<T>): void {
  try {
    handler.handle(call, flow);
  } catch (error) {
    flow.error(error);
  }
}

/** A call as the rest of the service sees it, a cold observable of one value: subscribe = send, unsubscribe = cancel. */
export const observe = <T>(
  handler: OutboundHandler,
  call: OutboundCall<T>,
): Observable<Fetched<T>> =>
  new Observable((subscriber) => {
    const flow: CallFlow<T> = new Flow(subscriber);
    enter(handler, call, flow);
    return flow;
  });
