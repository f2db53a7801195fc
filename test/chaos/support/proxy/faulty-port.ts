import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { NO_FAULT, type AnswerBytes, type Fault, type Trouble } from './faults.ts';
import { framed, type Framing } from './framing.ts';
import { GIVE, type Delivery } from './give.ts';
import type { SourceCount } from './source-count.ts';

/** One instance as the service sees it: a port, behind which its source is asked and the present fault is given. */

const AGENT = new http.Agent({ keepAlive: true });

export class FaultyPort {
  readonly count: SourceCount;
  /** Connections ever taken. */
  connections = 0;
  requests = 0;
  /** Requests whose answer the fault struck. */
  struck = 0;
  port = 0;
  private readonly upstream: number;
  private readonly random: () => number;
  private readonly open = new Set<Socket>();
  private trouble: Trouble = NO_FAULT;
  private server: net.Server | undefined;
  private previous: { path: string; bytes: Buffer } | undefined;

  /** @param upstream port of the source itself */
  constructor(upstream: number, count: SourceCount, random: () => number) {
    this.upstream = upstream;
    this.count = count;
    this.random = random;
  }

  get connected(): number {
    return this.open.size;
  }

  async set(trouble: Trouble): Promise<void> {
    this.trouble = trouble;
    if (trouble.kind === 'refused_connection') await this.refuse();
    else await this.listen();
  }

  /** Where it was before. */
  private async listen(): Promise<void> {
    if (this.server !== undefined) return;
    // Its half stays open when the service closes its own, until it is closed here.
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.take(socket),
    );
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  private async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.open) {
      this.count.ended(socket);
      socket.resetAndDestroy();
    }
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  private take(socket: Socket): void {
    this.connections += 1;
    this.open.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        this.ask(socket, head.split(' ')[1] ?? '/');
      }
    });
    const gone = (): void => {
      this.open.delete(socket);
      this.count.closed(socket);
      socket.end();
    };
    socket.once('end', gone).once('close', gone);
  }

  private ask(socket: Socket, path: string): void {
    // After its half was closed: nobody is there to take it.
    if (!socket.writable) return;
    this.requests += 1;
    const framing: Framing = this.requests % 2 === 0 ? 'length' : 'chunks';
    this.count.begun(socket);
    const isStruck = this.random() < (this.trouble.share ?? 1);
    const fault = isStruck ? this.trouble : NO_FAULT;
    if (fault.kind !== 'none') this.struck += 1;
    if (fault.kind === 'ignored_connection') return;
    const request = http.get({ port: this.upstream, path, agent: AGENT }, (response) => {
      const chunks: Buffer[] = [];
      response.on('error', () => undefined);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (socket.destroyed || !this.open.has(socket)) return;
        const answer = framed(response.statusCode ?? 0, Buffer.concat(chunks), framing);
        give(this.delivery(socket, path, answer, framing), fault);
      });
    });
    request.on('error', () => {
      this.count.ended(socket);
      socket.resetAndDestroy();
    });
  }

  private delivery(socket: Socket, path: string, answer: AnswerBytes, framing: Framing): Delivery {
    const { previous } = this;
    if (previous?.path !== path) this.previous = { path, bytes: answer.bytes };
    return {
      answer,
      other: previous?.path === path ? undefined : previous?.bytes,
      socket,
      random: this.random,
      turn: () => this.count.turn(framing, answer.bytes.length),
      later: (ms, run) => void setTimeout(() => socket.writable && run(), ms),
      over: () => this.count.ended(socket),
    };
  }
}

/** The table is exhaustive by kind; which of its rows is meant, TypeScript cannot follow. */
const give = <F extends Fault>(delivery: Delivery, fault: F): void =>
  (GIVE[fault.kind] as (delivery: Delivery, fault: F) => void)(delivery, fault);
