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

  async start(port = 0, host = '127.0.0.1'): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, host, resolve);
    });
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get open(): number {
    return this.sockets.filter((socket) => !socket.destroyed).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
