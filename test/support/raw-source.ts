import net, { type AddressInfo, type Socket } from 'node:net';

/** A source that says exactly the bytes it is told, connection by connection, and counts its connections. */
export class RawSource {
  readonly sockets: Socket[] = [];
  /** Every request head received, as text. */
  readonly heads: string[] = [];
  private readonly server: net.Server;

  constructor(serve: (socket: Socket, head: string, nth: number) => void) {
    this.server = net.createServer((socket) => {
      this.sockets.push(socket);
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          const head = text.slice(0, end);
          text = text.slice(end + 4);
          this.heads.push(head);
          serve(socket, head, this.heads.length);
        }
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get open(): number {
    return this.sockets.filter((socket) => !socket.destroyed).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
