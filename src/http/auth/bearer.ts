import type { IncomingMessage } from 'node:http';
import { UnauthenticatedError } from '../access/access.errors.ts';

/** A token of a sane issuer is a few hundred bytes; what is longer is not looked at. */
const MAX_TOKEN_LENGTH = 8_192;

/** RFC 6750's b64token; the scheme's case does not matter. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of a request's one `Authorization` header, or why there is none. */
export function bearerOf({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | UnauthenticatedError {
  const { authorization } = headers;
  if (authorization === undefined) return new UnauthenticatedError('a bearer token is needed');
  // Node keeps the first of several, a proxy before us may have looked at the last.
  if (countOf('authorization', rawHeaders) > 1)
    return new UnauthenticatedError('more than one authorization header', 'invalid_request');
  if (!/^Bearer(?: |$)/i.test(authorization))
    return new UnauthenticatedError('a bearer token is needed');
  if (authorization.length > MAX_TOKEN_LENGTH)
    return new UnauthenticatedError('the token is too long', 'invalid_token');
  const token = BEARER.exec(authorization)?.[1];
  return token ?? new UnauthenticatedError('the token is malformed', 'invalid_token');
}

/** @param rawHeaders name, value, name, value, … */
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const candidate = rawHeaders[at];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) count += 1;
  }
  return count;
}
