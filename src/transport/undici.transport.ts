import { Observable } from 'rxjs';
import { buildConnector, type Dispatcher } from 'undici';
import type { Clock, Timer } from '../context/clock.ts';
import { OversizedBodyError } from '../errors/errors.ts';
import { wireFailure } from './failure.ts';
import { headProblem, type Head } from './head.ts';
import {
  afterLinger,
  DRAIN_BYTES,
  DRAIN_MS,
  type Transport,
  type TransportLimits,
  type WireRequest,
} from './transport.ts';
import { Connection } from './undici.connection.ts';

/**
 * The default transport: undici by `dispatch`, one client per socket. Idle connections are kept in a stack per
 * instance, so taking one costs the same with thousands of them (undici's own pool searches), and the one used last,
 * which is the least likely to have been closed by the source, is used first. How many there are is bounded by the
 * bulkhead's permits: an attempt without one does not come here.
 */
export class UndiciTransport implements Transport {
  private readonly clock: Clock;
  private readonly limits: TransportLimits;
  // A connector keeps TLS sessions: one for all connections.
  private readonly connector = buildConnector({ allowH2: false, timeout: 0 });
  private readonly idle = new Map<string, Connection[]>();
  private readonly all = new Set<Connection>();

  constructor(limits: TransportLimits, clock: Clock) {
    this.clock = clock;
    this.limits = limits;
  }

  send(request: WireRequest): Observable<Buffer> {
    return new Observable<Buffer>((subscriber) => {
      const idle = this.idleOf(request.origin);
      const connection = idle.pop() ?? this.open(request.origin);
      const exchange = new Exchange(connection, request, this.limits, this.clock, {
        value: (body) => {
          subscriber.next(body);
          subscriber.complete();
        },
        failed: (error) => subscriber.error(error),
        done: () => idle.push(connection),
      });
      exchange.start();
      return () => exchange.cancel();
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map(({ client }) => client.destroy()));
    this.all.clear();
    this.idle.clear();
  }

  private idleOf(origin: string): Connection[] {
    let idle = this.idle.get(origin);
    if (idle === undefined) this.idle.set(origin, (idle = []));
    return idle;
  }

  private open(origin: string): Connection {
    const connection = new Connection(
      origin,
      this.connector,
      this.limits.connectTimeoutMs,
      this.clock,
    );
    this.all.add(connection);
    return connection;
  }
}

interface Listener {
  value(body: Buffer): void;
  failed(error: unknown): void;
  /** The connection is free for the next exchange. */
  done(): void;
}

/** One request on one connection, from the first byte sent until the socket is done with it. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly connection: Connection;
  private readonly request: WireRequest;
  private readonly limits: TransportLimits;
  private readonly clock: Clock;
  private readonly listener: Listener;
  /** The caller has heard of the outcome, or no longer wants to. */
  private settled = false;
  private finished = false;
  private head = false;
  private chunks: Buffer[] = [];
  private received = 0;
  private drainTimer: Timer | undefined;

  constructor(
    connection: Connection,
    request: WireRequest,
    limits: TransportLimits,
    clock: Clock,
    listener: Listener,
  ) {
    this.connection = connection;
    this.request = request;
    this.limits = limits;
    this.clock = clock;
    this.listener = listener;
  }

  start(): void {
    this.request.wire.occupy();
    this.connection.begin();
    const { path, headers } = this.request;
    this.connection.client.dispatch({ path, method: 'GET', headers: headers as string[] }, this);
  }

  /** The caller is gone: closes the socket, unless only the rest of an error's body is being drained. */
  cancel(): void {
    if (this.settled) return;
    this.settled = true;
    this.abort();
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, head: Head): void {
    if (this.settled || status < 200) return;
    this.head = true;
    const problem = headProblem(status, head, this.limits.maxResponseBytes);
    if (problem === undefined) return;
    if (status >= 300) this.drainTimer = this.clock.setTimeout(() => this.abort(), DRAIN_MS);
    else this.abort();
    this.fail(problem);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.received += chunk.length;
    if (this.settled) {
      if (this.received > DRAIN_BYTES) this.abort();
    } else if (this.received > this.limits.maxResponseBytes) {
      this.abort();
      this.fail(new OversizedBodyError(this.limits.maxResponseBytes));
    } else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.finish();
    if (this.settled) return;
    this.settled = true;
    const [first] = this.chunks;
    this.listener.value(
      this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks),
    );
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const progress = this.head
      ? 'body_begun'
      : this.connection.hasReceived()
        ? 'head_begun'
        : 'nothing_received';
    // An abort of ours is finished by its own close.
    if (!this.aborting) this.finish();
    this.fail(wireFailure(error, progress));
  }

  private aborting = false;

  private abort(): void {
    if (this.aborting || this.finished) return;
    this.aborting = true;
    this.connection.abort(() => {
      afterLinger(this.clock, this.connection.connectMs, () => this.finish());
    });
  }

  private fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.listener.failed(error);
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    if (this.drainTimer !== undefined) this.clock.clearTimeout(this.drainTimer);
    this.listener.done();
    this.request.wire.free();
  }
}
