import type { FastifyReply, FastifyRequest } from 'fastify';
import './request-context.ts';

/**
 * Calls `then` once, when the answer is out or the caller is gone; in the order in which they asked. One listener a
 * request, however many want to know.
 */
export function whenGone(request: FastifyRequest, reply: FastifyReply, then: () => void): void {
  if (request.leaving) return void request.leaving.push(then);
  request.leaving = [then];
  listen(request, reply);
}

function listen(request: FastifyRequest, { raw }: FastifyReply): void {
  if (raw.socket !== null) return void raw.on('close', () => tell(request));
  // Pipelined behind another request: with older Nodes the response does not hear of its socket's end until its turn.
  const { socket } = request.raw;
  const once = (): void => {
    socket.off('close', once);
    raw.off('close', once);
    tell(request);
  };
  // As many as the caller cares to pipeline.
  socket.setMaxListeners(0).once('close', once);
  raw.once('close', once);
}

function tell({ leaving }: FastifyRequest): void {
  if (leaving) for (const then of leaving) then();
}
