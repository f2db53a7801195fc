import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ALLOWED } from '../methods.ts';
import { answerUnderWay } from './connections.ts';
import { MAX_HEAD_BYTES } from './limits.ts';
import { isRefused, markRefused, refuseConnection, type Fault } from './refusal.ts';

/** Answers what never became a request: Node hands us the connection, and what its parser thought. */

interface ClientError extends Error {
  readonly code?: string;
  /** The bytes that were being read. */
  readonly rawPacket?: Buffer;
}

/** Anything else is a 400. */
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** For the server's `clientError`. */
export function answerMalformed(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET') return void socket.destroy();
  if (isRefused(socket)) return;
  const status = isLongTarget(error) ? 414 : (STATUS_OF[error.code ?? ''] ?? 400);
  // Who was too slow is not waited for once more.
  inTurn(socket, { status }, status === 408 ? 0 : undefined);
}

/** For the server's `connect`: a tunnel to somewhere else is nothing we give. */
export function refuseTunnel(_request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => undefined);
  socket.resume();
  inTurn(socket, { status: 405, headers: { allow: ALLOWED } });
}

/** Requests that came before it on the same connection are answered first. */
function inTurn(socket: Socket, fault: Fault, lingerMs?: number): void {
  markRefused(socket);
  const before = answerUnderWay(socket);
  if (before?.req.complete === true) before.once('close', () => inTurn(socket, fault, lingerMs));
  else refuseConnection(socket, fault, lingerMs);
}

/** A request line that is too long by itself, as far as can be told: Node counts it as a header. */
function isLongTarget({ code, rawPacket }: ClientError): boolean {
  if (code !== 'HPE_HEADER_OVERFLOW' || rawPacket === undefined) return false;
  const end = rawPacket.indexOf('\r\n');
  return (end === -1 ? rawPacket.length : end) >= MAX_HEAD_BYTES && METHOD.test(startOf(rawPacket));
}

const METHOD = /^[A-Z-]+ /;
const startOf = (packet: Buffer): string => packet.toString('latin1', 0, 32);
