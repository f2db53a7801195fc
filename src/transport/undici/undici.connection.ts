import type { Socket } from 'node:net';
import { Client, type buildConnector } from 'undici';
import type { Clock } from '../../context/clock.ts';
import { ConnectTimeoutError } from '../../errors/errors.ts';
import { KEEP_ALIVE_MAX_MS, KEEP_ALIVE_MS, MAX_HEADER_BYTES } from '../transport.ts';

/** Where a connection goes. */
export interface Target {
  readonly origin: string;
  /** For the `Host` header, and by it for TLS; undefined: what the origin says. */
  readonly host: string | undefined;
}

/** One keep-alive connection to one instance: undici's client for one socket, and the socket itself. */
export class Connection {
  readonly client: Client;
  readonly host: string | undefined;
  /** How long the last connect took, in ms: about one round trip. */
  connectMs = 0;
  /** Exchanges that the present socket has seen. */
  exchanges = 0;

  private readonly clock: Clock;
  private readonly connectTimeoutMs: number;
  private socket: Socket | undefined;

  constructor(
    { origin, host }: Target,
    connector: buildConnector.connector,
    connectTimeoutMs: number,
    clock: Clock,
  ) {
    this.host = host;
    this.clock = clock;
    this.connectTimeoutMs = connectTimeoutMs;
    this.client = new Client(origin, {
      connect: (options, callback) => this.connect(connector, options, callback),
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The deadline is our clock; undici's coarse ones would only cost.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Closes the socket, connected or not, and calls back when that is done. The client can connect anew. */
  abort(onClosed: () => void): void {
    const { socket } = this;
    if (socket === undefined || socket.closed) onClosed();
    else {
      socket.once('close', onClosed);
      socket.destroy(new Error('aborted'));
    }
  }

  private connect(
    connector: buildConnector.connector,
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): void {
    const startedAt = this.clock.now();
    let waiting = true;
    // The connector returns the socket, and calls back later: its types do not say so.
    const socket = connector(options, (...result: Parameters<buildConnector.Callback>) => {
      waiting = false;
      this.clock.clearTimeout(timer);
      this.connectMs = this.clock.now() - startedAt;
      callback(...result);
    }) as unknown as Socket;
    this.socket = socket;
    this.exchanges = 0;
    const timer = this.clock.setTimeout(() => {
      this.clock.afterPoll(() => waiting && socket.destroy(new ConnectTimeoutError()));
    }, this.connectTimeoutMs);
  }
}
