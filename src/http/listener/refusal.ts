import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { headersOfEvery, requestIdOf } from '../incoming.ts';
import { pathOf, PROBLEM_CONTENT_TYPE, statusProblem } from '../problem/problem.ts';
import { LINGER_MS } from './limits.ts';

/** What is wrong with bytes that were to be a request. */
export interface Fault {
  readonly status: number;
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Told once of every request, or what was to be one, that is refused. Must be quick and must not throw. */
export type RefusalListener = (status: number, requestId: string) => void;

const listeners = new WeakMap<Socket, RefusalListener>();

/** @param server before it listens */
export function tellRefusals(server: Server, listener: RefusalListener): void {
  server.on('connection', (socket: Socket) => listeners.set(socket, listener));
}

const refused = new WeakSet<Socket>();

/** Whether the last word on this connection has been said: nothing that still comes is looked at. */
export const isRefused = (socket: Socket): boolean => refused.has(socket);

/** From now on nothing on this connection is looked at. */
export const markRefused = (socket: Socket): void => void refused.add(socket);

/** Answers a request that is not one we serve, in its turn, and closes the connection. */
export function refuse(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  markRefused(request.socket);
  const requestId = requestIdOf(request);
  const [headers, body] = answerTo(fault, requestId, request.url);
  response.writeHead(fault.status, headers).end(body);
  listeners.get(request.socket)?.(fault.status, requestId);
}

/**
 * The same where there is no request to answer, only a connection. Closing it with bytes unread would reset it, and
 * the caller might lose the answer: so we say that we are done, and read on for a moment.
 */
export function refuseConnection(socket: Socket, fault: Fault, lingerMs = LINGER_MS): void {
  markRefused(socket);
  if (!socket.writable) return void socket.destroy();
  const requestId = randomUUID();
  const [headers, body] = answerTo(fault, requestId);
  const lines = Object.entries({ ...headers, date: new Date().toUTCString() })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const title = statusProblem(fault.status).title;
  socket.end(`HTTP/1.1 ${fault.status} ${title}\r\n${lines}\r\n${body}`);
  // Who never sent a byte has asked for nothing.
  if (socket.bytesRead > 0) listeners.get(socket)?.(fault.status, requestId);
  const timer = setTimeout(() => socket.destroySoon(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

function answerTo(
  { status, detail, headers }: Fault,
  requestId: string,
  url = '/',
): [headers: Record<string, string>, body: string] {
  const body = JSON.stringify({
    ...statusProblem(status, detail),
    instance: pathOf(url),
    requestId,
  });
  return [
    {
      ...headersOfEvery(requestId),
      ...headers,
      'content-type': PROBLEM_CONTENT_TYPE,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    },
    body,
  ];
}
