import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WELL, type Behaviour } from './scenarios.ts';

/** One instance of a source, which can be made to misbehave, and says what reached it and when. */
export class Instance {
  /** When requests (of a dead one: connections) arrived, in `Date.now()` ms. */
  readonly arrivals: number[] = [];
  private behaviour = WELL;
  private readonly body: Buffer;
  private readonly noteInFlight: (change: 1 | -1) => void;
  private readonly open = new Set<Socket>();
  private readonly server = createServer({ keepAliveTimeout: 60_000 }, (request, response) =>
    this.serve(request, response),
  );

  /** @param noteInFlight told of every request that begins and ends */
  constructor(body: Buffer, noteInFlight: (change: 1 | -1) => void) {
    this.body = body;
    this.noteInFlight = noteInFlight;
    this.server.on('connection', (socket) => {
      if (this.behaviour.kind === 'dead') this.reset(socket);
      else this.keep(socket);
    });
  }

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', 16_384, resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  become(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    if (behaviour.kind === 'dead') for (const socket of this.open) socket.resetAndDestroy();
  }

  /** Serves a request that came by another door as well. */
  serve({ socket }: IncomingMessage, response: ServerResponse): void {
    const { behaviour } = this;
    if (behaviour.kind === 'dead') return this.reset(socket);
    this.keep(socket);
    this.arrivals.push(Date.now());
    this.noteInFlight(1);
    response.once('close', () => this.noteInFlight(-1));
    if (behaviour.kind === 'hangs') return;
    const isError = Math.random() < behaviour.errorShare;
    const timer = setTimeout(() => {
      const body = isError ? Buffer.from('{"error":"no"}') : this.body;
      response
        .writeHead(isError ? 503 : 200, {
          'content-type': 'application/json',
          'content-length': body.length,
        })
        .end(body);
    }, behaviour.afterMs);
    response.once('close', () => clearTimeout(timer));
  }

  private reset(socket: Socket): void {
    this.arrivals.push(Date.now());
    socket.resetAndDestroy();
  }

  private keep(socket: Socket): void {
    if (this.open.has(socket)) return;
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
  }
}
