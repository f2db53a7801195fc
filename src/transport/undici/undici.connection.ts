import type { Socket } from 'node:net';
import { Client, type buildConnector } from 'undici';
import type { Clock } from '../../context/clock.ts';
import { ConnectTimeoutError } from '../../errors/errors.ts';
import { KEEP_ALIVE_MAX_MS, KEEP_ALIVE_MS, MAX_HEADER_BYTES } from '../transport.ts';
import type { ConnectGate } from './connect-gate.ts';

/** Where a connection goes. */
export interface Target {
  readonly url: URL;
  /** For the `Host` header, and by it for TLS; undefined: what the origin says. */
  readonly host: string | undefined;
  readonly gate: ConnectGate;
}

/** What a socket is destroyed with: never seen by anybody, so it needs no stack of its own (Node reads it each time). */
export const ABORTED = withoutStack();

/** One keep-alive connection to one instance: undici's client for one socket, and the socket itself. */
export class Connection {
  readonly client: Client;
  readonly host: string | undefined;
  /** How long the last connect took, in ms: about one round trip. */
  connectMs = 0;
  /** Exchanges that the present socket has seen. */
  exchanges = 0;

  private readonly clock: Clock;
  private readonly onFree: (connection: Connection) => void;
  private readonly gate: ConnectGate;
  private readonly connector: buildConnector.connector;
  private readonly connectTimeoutMs: number;
  private socket: Socket | undefined;
  /** Gives up a connect that still waits at the gate. */
  private giveUp: (() => void) | undefined;

  /** @param onFree an exchange is over: the next one may come */
  constructor(
    { url, host, gate }: Target,
    connector: buildConnector.connector,
    connectTimeoutMs: number,
    clock: Clock,
    onFree: (connection: Connection) => void,
  ) {
    this.onFree = onFree;
    this.host = host;
    this.gate = gate;
    this.clock = clock;
    this.connector = connector;
    this.connectTimeoutMs = connectTimeoutMs;
    this.client = new Client(url, {
      connect: (options, callback) => this.waitForConnect(options, callback),
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

  /** Whether there never was anything to close: it still waits for its turn to connect. */
  get isWaiting(): boolean {
    return this.giveUp !== undefined;
  }

  /** Its exchange is over. */
  free(): void {
    this.exchanges += 1;
    this.onFree(this);
  }

  /** Closes the socket, connected or not, and calls back when that is done. The client can connect anew. */
  abort(onClosed: () => void): void {
    const { socket } = this;
    if (this.giveUp !== undefined) this.giveUp();
    if (socket === undefined || socket.closed) onClosed();
    else {
      socket.once('close', onClosed);
      socket.destroy(ABORTED);
    }
  }

  private waitForConnect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    this.giveUp = () => {
      this.giveUp = undefined;
      callback(ABORTED, null);
    };
    const { giveUp } = this;
    this.gate.enter(() => {
      // Given up, or, for another time, waiting anew.
      if (this.giveUp !== giveUp || this.client.destroyed) return false;
      this.giveUp = undefined;
      this.connect(options, callback);
      return true;
    });
  }

  private connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    const startedAt = this.clock.now();
    let waiting = true;
    // The connector returns the socket, and calls back later: its types do not say so.
    const socket = this.connector(options, (...result: Parameters<buildConnector.Callback>) => {
      waiting = false;
      this.clock.clearTimeout(timer);
      this.connectMs = this.clock.now() - startedAt;
      callback(...result);
      this.gate.leave();
    }) as unknown as Socket;
    this.socket = socket;
    this.exchanges = 0;
    const timer = this.clock.setTimeout(() => {
      this.clock.afterPoll(() => waiting && socket.destroy(new ConnectTimeoutError()));
    }, this.connectTimeoutMs);
  }
}

function withoutStack(): Error {
  const error = new Error('aborted');
  error.stack = '';
  return error;
}
