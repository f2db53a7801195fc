import type { IncomingHttpHeaders } from 'node:http';

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

const NONE: readonly string[] = [];
