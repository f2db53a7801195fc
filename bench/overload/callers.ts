import net from 'node:net';

/**
 * Callers that cost next to nothing: HTTP over bare sockets, kept for the next request, with just enough of a parser to
 * know where an answer ends. Node's own client needs as much of a core for a request as the service that is measured.
 */

export interface Answer {
  /** As the status line has it; `error` for none. */
  readonly status: string;
  readonly isComplete: boolean;
  /** From the sending of the request to the last byte of the answer, as this process saw them. */
  readonly tookMs: number;
}

export class Callers {
  private readonly host: string;
  private readonly port: number;
  private readonly idle: Caller[] = [];

  /** @param origin `http://host:port` */
  constructor(origin: string) {
    const { hostname, port } = new URL(origin);
    this.host = hostname;
    this.port = Number(port);
  }

  ask(path: string): Promise<Answer> {
    const caller = this.idle.pop() ?? new Caller(net.connect(this.port, this.host), this.idle);
    return caller.ask(`GET ${path} HTTP/1.1\r\nhost: ${this.host}:${this.port}\r\n\r\n`);
  }
}

/** One connection, one request at a time. */
class Caller {
  private readonly socket: net.Socket;
  private readonly idle: Caller[];
  private text = '';
  private sentAt = 0;
  private answered: ((answer: Answer) => void) | undefined;

  constructor(socket: net.Socket, idle: Caller[]) {
    this.socket = socket.setNoDelay(true).setEncoding('latin1');
    this.idle = idle;
    socket.on('data', (chunk: string) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const at = this.idle.indexOf(this);
      if (at >= 0) this.idle.splice(at, 1);
      this.end('error', false);
    });
  }

  ask(request: string): Promise<Answer> {
    this.text = '';
    this.sentAt = performance.now();
    this.socket.write(request);
    return new Promise((resolve) => (this.answered = resolve));
  }

  private read(chunk: string): void {
    this.text += chunk;
    const headEnd = this.text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.text.slice(0, headEnd + 2);
    const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
    const isWhole =
      length === undefined
        ? this.text.endsWith('\r\n0\r\n\r\n')
        : this.text.length >= headEnd + 4 + Number(length);
    if (!isWhole) return;
    if (/^connection: *close\r$/im.test(head)) this.socket.destroy();
    else this.idle.push(this);
    this.end(head.slice(9, 12), !/^x-aggregation-complete: *false\r$/im.test(head));
  }

  private end(status: string, isComplete: boolean): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.({ status, isComplete, tookMs: performance.now() - this.sentAt });
  }
}
