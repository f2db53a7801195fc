import {
  CallError,
  InvalidBodyError,
  LocalExhaustionError,
  StaleSocketError,
  TruncatedBodyError,
  UnreachableError,
} from '../errors/errors.ts';

/** How far an exchange got before it broke. */
export type Progress = 'nothing_received' | 'nothing_on_reused' | 'head_begun' | 'body_begun';

/** Our machine's limits, by the system's names for them. */
const LOCAL_EXHAUSTION = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAGAIN',
]);

/** What an HTTP client throws when it was called wrongly: our bug, passed on as such. */
const OUR_BUGS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_URL',
]);

/** Names what a broken exchange was; an HTTP client's own errors (which hold sockets and hosts) go no further. */
export function wireFailure(error: unknown, progress: Progress): unknown {
  if (error instanceof CallError) return error;
  const code = codeOf(error);
  if (OUR_BUGS.has(code) || isProgrammingError(error)) return error;
  if (LOCAL_EXHAUSTION.has(code)) return new LocalExhaustionError();
  if (code === 'HPE_INVALID_EOF_STATE') return new TruncatedBodyError();
  // undici names its parser's errors, Node gives them a code.
  const isParserError =
    code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError');
  if (isParserError || code.endsWith('HEADERS_OVERFLOW'))
    return new InvalidBodyError('the answer is not HTTP');
  if (progress === 'nothing_on_reused') return new StaleSocketError();
  return progress === 'nothing_received' ? new UnreachableError() : new TruncatedBodyError();
}

function codeOf(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Thrown by code that is wrong, never by a network. */
function isProgrammingError(error: unknown): boolean {
  return (
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  );
}
