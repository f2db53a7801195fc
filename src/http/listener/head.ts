import type { IncomingMessage } from 'node:http';
import { MAX_HEADERS } from './limits.ts';
import type { Fault } from './refusal.ts';

/** What Node's parser lets pass and HTTP/1 does not: two parties who read it differently could be played off. */

/** An authority without user or path. Two Host lines are joined with ", " and do not match. */
const HOST = /^[\w.~%!$&'()*+,;=:[\]-]*$/;

const VERSION: Fault = { status: 400, detail: 'HTTP/1.1 or HTTP/1.0 is spoken here' };
const TOO_MANY: Fault = { status: 431, detail: `more than ${MAX_HEADERS} headers` };
const NO_HOST: Fault = { status: 400, detail: 'there must be one Host header' };
const BAD_HOST: Fault = { status: 400, detail: 'there must be one Host header, with a host in it' };
const FRAGMENT: Fault = { status: 400, detail: 'a fragment is not sent' };
const ENCODING: Fault = {
  status: 400,
  detail: 'the only transfer encoding is chunked, of HTTP/1.1',
};

/** What is wrong with the head of a request, if anything is. */
export function faultOf(request: IncomingMessage): Fault | undefined {
  if (request.httpVersionMajor !== 1) return VERSION;
  if (request.rawHeaders.length > 2 * MAX_HEADERS) return TOO_MANY;
  if (request.url?.includes('#') === true) return FRAGMENT;
  const { host, 'transfer-encoding': encoding } = request.headers;
  if (host === undefined) {
    if (request.httpVersionMinor !== 0) return NO_HOST;
  } else if (!HOST.test(host)) return BAD_HOST;
  if (encoding !== undefined && !isChunked(encoding, request)) return ENCODING;
  return undefined;
}

const isChunked = (encoding: string, { httpVersionMinor }: IncomingMessage): boolean =>
  encoding.toLowerCase() === 'chunked' && httpVersionMinor === 1;
