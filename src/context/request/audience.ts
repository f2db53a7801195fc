import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may see an answer: part of every key under which an answer is shared or remembered. Two callers with the same
 * audience would be told the same by every source, because all that the sources see of a caller is in it, and they are
 * the same caller where callers are known.
 *
 * @param caller the hashed identity of the caller; undefined where nobody has one
 * @param authorizationCounts whether the sources see the authorization header; only its hash is kept
 */
export function audienceOf(
  headers: IncomingHttpHeaders,
  caller: string | undefined,
  authorizationCounts: boolean,
): string {
  const language = headers['accept-language'] ?? '';
  const authorization = authorizationCounts ? headers.authorization : undefined;
  if (caller === undefined && authorization === undefined) return language;
  const hashed = authorization === undefined ? '' : hash('sha256', authorization, 'base64url');
  return `${language}\n${caller ?? ''}\n${hashed}`;
}
