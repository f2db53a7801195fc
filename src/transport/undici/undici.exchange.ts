import type { Dispatcher } from 'undici';
import type { Clock, Timer } from '../../context/clock.ts';
import { OversizedBodyError } from '../../errors/errors.ts';
import type { ClosingQueue } from '../closing-queue.ts';
import { wireFailure, type Progress } from '../failure.ts';
import { headProblem, type Head } from '../head.ts';
import {
  afterLinger,
  DRAIN_BYTES,
  DRAIN_MS,
  type Recipient,
  type Sending,
  type TransportLimits,
  type WireRequest,
} from '../transport.ts';
import type { Wire } from '../wire.ts';
import { ABORTED, type Connection } from './undici.connection.ts';

/** What all exchanges of a transport share. */
export interface ExchangeParts {
  readonly limits: TransportLimits;
  readonly clock: Clock;
  readonly closing: ClosingQueue;
}

const NOTHING = Buffer.alloc(0);

/** One request on one connection, from the first byte sent until the socket is done with it. */
export class UndiciExchange implements Dispatcher.DispatchHandler, Sending {
  private readonly connection: Connection;
  /** Of the request, which is let go of when it is sent. */
  private readonly wire: Wire;
  private readonly recipient: Recipient;
  private readonly parts: ExchangeParts;
  /** The caller has heard of the outcome, or no longer wants to. */
  private settled = false;
  private aborting = false;
  private finished = false;
  private begun = false;
  private head = false;
  private body: Buffer | undefined = undefined;
  /** What follows it, where the body comes in pieces. */
  private more: Buffer[] | undefined = undefined;
  private received = 0;
  private drainTimer: Timer | undefined = undefined;

  constructor(connection: Connection, wire: Wire, recipient: Recipient, parts: ExchangeParts) {
    this.connection = connection;
    this.wire = wire;
    this.recipient = recipient;
    this.parts = parts;
  }

  start({ path, headers }: WireRequest): void {
    this.wire.occupy();
    const { client, host } = this.connection;
    // undici takes the name for TLS from it, too.
    const all = host === undefined ? headers : ['host', host, ...headers];
    client.dispatch({ path, method: 'GET', headers: all as string[] }, this);
  }

  /** The caller is gone: closes the socket, unless only the rest of an error's body is being drained. */
  cancel(): void {
    if (this.settled) return;
    this.settled = true;
    this.abort();
  }

  /** About to be written. Who has left while the connection was being opened is not sent at all. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) controller.abort(ABORTED);
  }

  /** The first byte of the answer has come. */
  onResponseStarted(): void {
    this.begun = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, head: Head): void {
    if (this.settled || status < 200) return;
    this.head = true;
    this.wire.statusCode = status;
    const { limits, clock } = this.parts;
    const problem = headProblem(status, head, limits.maxResponseBytes);
    if (problem === undefined) return;
    if (status >= 300) this.drainTimer = clock.setTimeout(() => this.abort(), DRAIN_MS);
    else this.abort();
    this.fail(problem);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { maxResponseBytes } = this.parts.limits;
    this.received += chunk.length;
    if (this.settled) {
      if (this.received > DRAIN_BYTES) this.abort();
    } else if (this.received > maxResponseBytes) {
      this.abort();
      this.fail(new OversizedBodyError(maxResponseBytes));
    } else if (this.body === undefined) this.body = chunk;
    else (this.more ??= []).push(chunk);
  }

  onResponseEnd(): void {
    this.finish();
    if (this.settled) return;
    this.settled = true;
    const body = this.body ?? NOTHING;
    this.recipient.received(this.more === undefined ? body : Buffer.concat([body, ...this.more]));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = wireFailure(error, this.progress());
    // An abort of ours is finished by its own close. Otherwise undici first has to be done with the connection: who
    // waits for it would send on it at once, and undici takes a client that fails to connect to be empty, or throws.
    if (!this.aborting) queueMicrotask(() => this.finish());
    this.fail(failure);
  }

  private progress(): Progress {
    if (this.head) return 'body_begun';
    if (this.begun) return 'head_begun';
    return this.connection.exchanges > 0 ? 'nothing_on_reused' : 'nothing_received';
  }

  private abort(): void {
    if (this.aborting || this.finished) return;
    this.aborting = true;
    // In a burst of expired deadlines the answers go out first, and the sockets are closed after them.
    this.parts.closing.add(() => this.close());
  }

  private close(): void {
    if (this.finished) return;
    const { connection } = this;
    const { clock } = this.parts;
    // The source has never heard of it.
    if (connection.isWaiting) connection.abort(() => this.finish());
    else connection.abort(() => afterLinger(clock, connection.connectMs, () => this.finish()));
  }

  private fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.recipient.failed(error);
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    if (this.drainTimer !== undefined) this.parts.clock.clearTimeout(this.drainTimer);
    this.connection.free();
    this.wire.free();
  }
}
