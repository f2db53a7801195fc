import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../context/clock.ts';
import { OversizedBodyError } from '../../errors/errors.ts';
import { wireFailure, type Progress } from '../failure.ts';
import { headProblem } from '../head.ts';
import {
  afterLinger,
  DRAIN_BYTES,
  DRAIN_MS,
  type Recipient,
  type TransportLimits,
} from '../transport.ts';
import type { Wire } from '../wire.ts';

/** One request that axios sends: judges the head, names the failure, and knows when the socket is done. */
export class AxiosExchange {
  private readonly wire: Wire;
  private readonly limits: TransportLimits;
  private readonly clock: Clock;
  private recipient: Recipient | undefined;
  private readonly startedAt: number;
  private request: ClientRequest | undefined;
  private socket: Socket | undefined;
  private response: IncomingMessage | undefined;
  private bytesReadBefore = 0;
  private connectMs = 0;
  private settled = false;
  private draining = false;
  private aborted = false;
  private freed = false;
  private drainTimer: Timer | undefined;

  constructor(wire: Wire, limits: TransportLimits, clock: Clock, recipient: Recipient) {
    this.wire = wire;
    this.limits = limits;
    this.clock = clock;
    this.recipient = recipient;
    this.startedAt = clock.now();
    wire.occupy();
  }

  /** axios made its request. It comes a few microtasks after the call, maybe to find that nobody waits any more. */
  watch(request: ClientRequest): ClientRequest {
    this.request = request;
    request.once('socket', (socket) => {
      this.socket = socket;
      this.bytesReadBefore = socket.bytesRead;
      if (socket.connecting)
        socket.once('connect', () => (this.connectMs = this.clock.now() - this.startedAt));
    });
    // Comes once: the answer was read, the connection broke, or we closed it.
    request.once('close', () => this.closed());
    // A request aborted late reports its error when axios no longer listens.
    request.on('error', () => undefined);
    if (this.aborted) request.destroy();
    return request;
  }

  /** Sent, and not yet answered: nothing more reaches the source if it is closed a little later. */
  get isWaiting(): boolean {
    return this.socket?.connecting === false && this.response?.complete !== true;
  }

  /** Whether axios is to read the body; otherwise the outcome has been told. */
  accepts(response: IncomingMessage): boolean {
    this.response = response;
    const { statusCode = 0, headers } = response;
    this.wire.statusCode = statusCode;
    const problem = headProblem(statusCode, headers, this.limits.maxResponseBytes);
    if (problem === undefined) return true;
    if (statusCode >= 300) this.drain(response);
    this.settle(problem);
    return false;
  }

  received(body: Buffer): void {
    this.recipient?.received(body);
  }

  fail(error: unknown): void {
    if (isOversized(error)) this.settle(new OversizedBodyError(this.limits.maxResponseBytes));
    else this.settle(wireFailure(causeOf(error), this.progress()));
    // It failed before a request existed: there is no close to wait for.
    if (this.request === undefined) this.free();
  }

  /** Nobody is to be told any more. */
  leave(): void {
    this.recipient = undefined;
  }

  /** The caller is done. Returns whether axios should be told to stop. */
  cancel(): boolean {
    if (this.draining) return false;
    this.settled = true;
    if (this.response?.complete !== true) {
      this.aborted = true;
      this.request?.destroy();
      if (this.request === undefined) this.free();
    }
    return true;
  }

  private drain(response: IncomingMessage): void {
    this.draining = true;
    let received = 0;
    const abort = (): void => {
      this.aborted = true;
      response.destroy();
    };
    response.on('error', () => undefined);
    response.on('data', (chunk: Buffer) => (received += chunk.length) > DRAIN_BYTES && abort());
    this.drainTimer = this.clock.setTimeout(abort, DRAIN_MS);
  }

  private settle(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.recipient?.failed(error);
  }

  private closed(): void {
    if (this.drainTimer !== undefined) this.clock.clearTimeout(this.drainTimer);
    // An end that axios says nothing of, as of an answer that wants to switch protocols.
    if (this.response === undefined) this.settle(wireFailure(new Error('closed'), this.progress()));
    if (this.aborted) afterLinger(this.clock, this.connectMs, () => this.free());
    else this.free();
  }

  private free(): void {
    if (this.freed) return;
    this.freed = true;
    this.wire.free();
  }

  private progress(): Progress {
    if (this.response !== undefined) return 'body_begun';
    if ((this.socket?.bytesRead ?? 0) > this.bytesReadBefore) return 'head_begun';
    return this.request?.reusedSocket === true ? 'nothing_on_reused' : 'nothing_received';
  }
}

function isOversized(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('maxContentLength');
}

/** axios wraps what Node threw. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}
