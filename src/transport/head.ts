import {
  InvalidBodyError,
  OversizedBodyError,
  SourceStatusError,
  type SourceError,
} from '../errors/errors.ts';

/** Header values by lower-case name, as every HTTP client has them. */
export type Head = Readonly<Record<string, string | string[] | number | null | undefined>>;

/** What the status line and headers alone already say is wrong with an answer; undefined when its body counts. */
export function headProblem(
  status: number,
  head: Head,
  maxResponseBytes: number,
): SourceError | undefined {
  if (status < 200 || status >= 300)
    return new SourceStatusError(status, retryAfterMs(head['retry-after']));
  const encoding = String(head['content-encoding'] ?? '').toLowerCase();
  // We asked for identity: decompressing would let a few bytes become a bomb.
  if (encoding !== '' && encoding !== 'identity')
    return new InvalidBodyError('the answer is compressed');
  if (Number(head['content-length'] ?? 0) > maxResponseBytes)
    return new OversizedBodyError(maxResponseBytes);
  return undefined;
}

/** Retry-After (RFC 9110 §10.2.3), seconds or a date, as ms from now. */
function retryAfterMs(value: Head[string]): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // Every form of an HTTP date begins with the name of a day; Date.parse would take "-5" for one.
  const ms = /^[A-Z]/i.test(value) ? Date.parse(value) - Date.now() : NaN;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
