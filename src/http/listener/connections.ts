import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { STUCK_AFTER_MS } from './limits.ts';

/**
 * Which connections are open, which of them have a whole request that waits for its answer, and which have an answer
 * that nobody takes. Looked up when asked for: counting along would cost every request something.
 */
export class Connections {
  /** With how many bytes had been taken when last looked, where some were waiting. */
  private readonly open = new Map<Socket, number | undefined>();

  /** @param server before it listens */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.open.set(socket, undefined);
      socket.once('close', () => this.open.delete(socket));
    });
    const looking = setInterval(() => this.closeStuck(), STUCK_AFTER_MS).unref();
    server.once('close', () => clearInterval(looking));
  }

  /** How many have a whole request under way. */
  get busy(): number {
    return [...this.open.keys()].filter(hasRequest).length;
  }

  /** Whose answer is under way, and not begun, is told with it that it is the last on its connection. */
  endWithAnswers(): void {
    for (const socket of this.open.keys()) {
      const answer = answerUnderWay(socket);
      if (answer !== undefined) answer.shouldKeepAlive = false;
    }
  }

  /** Closes those on which no whole request has come: idle ones, and those with half of one. */
  closeOthers(): void {
    for (const socket of this.open.keys()) if (!hasRequest(socket)) socket.destroy();
  }

  /** Closes those whose caller has taken nothing of what waits for him since this was last called. */
  closeStuck(): void {
    for (const [socket, before] of this.open) {
      const waiting = socket.writableLength;
      const taken = waiting === 0 ? undefined : socket.bytesWritten - waiting;
      if (taken !== undefined && taken === before) socket.destroy();
      else this.open.set(socket, taken);
    }
  }
}

const hasRequest = (socket: Socket): boolean => answerUnderWay(socket)?.req.complete === true;

/** The answer whose turn it is on this connection, if any: Node keeps it there, undocumented, since its first days. */
export function answerUnderWay(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}
