import type { Socket } from 'node:net';
import { PROBLEM_CONTENT_TYPE, statusProblem } from './problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What Node's parser says of bytes that are not a request, as a status. Anything else is a 400. */
const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

const SECURITY = Object.entries(SECURITY_HEADERS)
  .map(([name, value]) => `${name}: ${value}`)
  .join('\r\n');

/** Answers what never became a request, and closes the connection. */
export function answerMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = statusProblem(STATUS_OF[error.code ?? ''] ?? 400);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\n` +
      `Content-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Cache-Control: private, no-store\r\n${SECURITY}\r\nConnection: close\r\n\r\n${body}`,
  );
}
