import type { IncomingHttpHeaders } from 'node:http';
import type { AttemptTrace } from './trace.ts';

/** The caller's headers that the sources may see; no other travels. */
const ALWAYS = ['traceparent', 'tracestate', 'accept-language'] as const;

/** What any HTTP client agrees to send: anything else a caller's header may hold is not passed on. */
const SENDABLE = /^[\t\x20-\x7e]+$/;

export type HeaderForwarder = (headers: IncomingHttpHeaders) => readonly string[];

export function headerForwarder(forwardAuthorization: boolean): HeaderForwarder {
  const names = forwardAuthorization ? [...ALWAYS, 'authorization' as const] : ALWAYS;
  return (headers) => {
    let flat: string[] | undefined;
    for (const name of names) {
      const value = headers[name];
      if (typeof value === 'string' && SENDABLE.test(value)) (flat ??= []).push(name, value);
    }
    return flat ?? NONE;
  };
}

/** The same on behalf of an attempt that has a span of its own: `traceparent` comes first, as who is traced has one. */
export const forwardedUnder = (
  { traceparent }: AttemptTrace,
  forwarded: readonly string[],
): readonly string[] => ['traceparent', traceparent, ...forwarded.slice(2)];

const NONE: readonly string[] = [];
