import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may see an answer: part of every key under which an answer is shared or remembered. Two callers with the same
 * audience would be told the same by every source, because all that the sources see of a caller is in it.
 *
 * @param authorizationCounts whether the sources see the authorization header; only its hash is kept
 */
export function audienceOf(headers: IncomingHttpHeaders, authorizationCounts: boolean): string {
  const language = headers['accept-language'] ?? '';
  const { authorization } = headers;
  if (!authorizationCounts || authorization === undefined) return language;
  return `${language}\n${hash('sha256', authorization, 'base64url')}`;
}
