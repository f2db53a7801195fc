import { Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** As much as is read at once. */
const READ_BYTES = 64 * 1024;

/** One for all sockets of the process: what was read into it is copied before anybody reads again. */
const block = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * A plain socket for a reader that takes all that comes the moment it comes, as undici does. Node's own makes a memory
 * block of its own for each read and hands it over through a stream's buffer, a tick later: a seventh of all that
 * a request costs. This one reads into one block that stays, and copies what is there.
 *
 * It does not push back: what nobody `read`s is kept.
 */
export class DirectSocket extends Socket {
  private readonly unread: Buffer[] = [];
  private isEnding = false;

  constructor() {
    super({
      onread: {
        buffer: block,
        callback: (length) => {
          this.unread.push(Buffer.from(block.subarray(0, length)));
          this.emit('readable');
          return true;
        },
      },
    });
  }

  /** Without a size: what has come since, or null. With one it is Node's own business, and so is the end. */
  override read(size?: number): Buffer | null {
    const chunk = size === undefined ? this.unread.shift() : undefined;
    if (chunk !== undefined) return chunk;
    return size === undefined && !this.isEnding ? null : (super.read(size) as Buffer | null);
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk === null) this.isEnding = true;
    return super.push(chunk, encoding);
  }
}

/** Plain connections by sockets of this kind, and those under TLS as `secure` makes them. */
export const connectDirectly =
  (secure: buildConnector.connector): buildConnector.connector =>
  (options, callback) =>
    options.protocol === 'https:' ? secure(options, callback) : connect(options, callback);

function connect(
  { hostname, port }: buildConnector.Options,
  callback: buildConnector.Callback,
): Socket {
  const socket = new DirectSocket();
  const failed = (error: Error): void => callback(error, null);
  return socket
    .setNoDelay(true)
    .once('error', failed)
    .once('connect', () => {
      socket.off('error', failed);
      callback(null, socket);
    })
    .connect({ host: hostname, port: Number(port === '' ? 80 : port) });
}
