import type { IncomingMessage, ServerResponse } from 'node:http';
import { LINGER_MS, MAX_BODY_BYTES } from './limits.ts';
import { markRefused, refuse } from './refusal.ts';

/**
 * Nothing here takes a body. One that comes all the same is read to its end before anything is done, and thrown away:
 * whoever sends it slowly is a slow caller like any other, and what follows it on the connection is read from the right
 * byte on.
 */

/** Whether the head speaks of a body. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** Whether it says that it is larger than we read. */
export const announcesTooMuch = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;

/** Calls back when the whole body has come; a larger one than we read is refused instead. */
export function discardBody(
  request: IncomingMessage,
  response: ServerResponse,
  then: () => void,
): void {
  let bytes = 0;
  let isTooLarge = announcesTooMuch(request);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (isTooLarge || bytes <= MAX_BODY_BYTES) return;
    isTooLarge = true;
    refuseTooLarge(request, response);
  });
  request.once('end', () => {
    if (!isTooLarge) then();
  });
  if (isTooLarge) refuseTooLarge(request, response);
}

/** Who is told while still sending may never read it: we read on for a moment before we answer and close. */
function refuseTooLarge(request: IncomingMessage, response: ServerResponse): void {
  markRefused(request.socket);
  const answer = (): void => {
    clearTimeout(timer);
    if (!response.headersSent) refuse(request, response, { status: 413 });
  };
  // Who waits for 100 Continue sends nothing.
  const timer = setTimeout(answer, request.headers.expect === undefined ? LINGER_MS : 0);
  request.once('end', answer);
  response.once('close', () => clearTimeout(timer));
}
