import type { IncomingMessage, ServerResponse } from 'node:http';

/** Calls `then` once, when the answer is out or the caller is gone. */
export function whenGone(
  request: IncomingMessage,
  response: ServerResponse,
  then: () => void,
): void {
  if (response.socket !== null) return void response.once('close', then);
  // Pipelined behind another request: with older Nodes the response does not hear of its socket's end until its turn.
  const { socket } = request;
  const once = (): void => {
    socket.off('close', once);
    response.off('close', once);
    then();
  };
  // As many as the caller cares to pipeline.
  socket.setMaxListeners(0).once('close', once);
  response.once('close', once);
}
