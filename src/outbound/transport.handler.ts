import type { z } from 'zod';
import { forwardedUnder } from '../context/request/forwarded-headers.ts';
import { NoInstanceError } from '../errors/errors.ts';
import { decode, type Decoded } from '../transport/decode.ts';
import type { Recipient, Sending, Transport, WireRequest } from '../transport/transport.ts';
import { Frame, type End } from './flow.ts';
import type { CallFlow, Fetched, OutboundCall, OutboundHandler } from './outbound.interceptor.ts';

/** How much earlier than us the source should give up, so that its own answer still arrives. */
const TRAVEL_MS = 10;

/** The end of the pipeline: sends the attempt, and turns the bytes that come back into a checked value. */
export class TransportHandler implements OutboundHandler {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  handle<T>(call: OutboundCall<T>, flow: CallFlow<T>): void {
    new OnTheWire(call.schema, flow).send(this.transport, requestOf(call));
  }
}

class OnTheWire<T> extends Frame<Fetched<T>> implements Recipient {
  private readonly schema: z.ZodType<T>;
  /** Let go of when it is over: a connection holds on to the last one that was sent over it. */
  private flow: CallFlow<T> | undefined;
  private sending: Sending | undefined = undefined;

  constructor(schema: z.ZodType<T>, flow: CallFlow<T>) {
    super();
    this.schema = schema;
    this.flow = flow;
  }

  send(transport: Transport, request: WireRequest): void {
    // Nobody waits any more: nothing is sent.
    if (this.flow === undefined || this.flow.closed) return;
    this.flow.onEnd(this);
    this.sending = transport.send(request, this);
  }

  received(body: Buffer): void {
    const { flow } = this;
    if (flow === undefined) return;
    let decoded: Decoded<T>;
    try {
      decoded = decode(body, this.schema);
    } catch (error) {
      return flow.error(error);
    }
    flow.next(decoded);
  }

  failed(error: unknown): void {
    this.flow?.error(error);
  }

  ended({ kind }: End<Fetched<T>>): void {
    this.flow = undefined;
    if (kind === 'cancel') this.sending?.cancel();
  }
}

/** @throws NoInstanceError when no layer above has picked one: our bug */
function requestOf({ context, attempt, path }: OutboundCall<unknown>): WireRequest {
  const { instance, wire, onNewConnection } = attempt;
  if (instance === undefined) throw new NoInstanceError();
  const headers = [
    'accept',
    'application/json',
    'accept-encoding',
    'identity',
    'x-request-id',
    context.requestId,
    'x-request-timeout-ms',
    Math.max(1, Math.floor(context.deadline.leftMs() - TRAVEL_MS)).toString(),
    'x-attempt',
    attempt.number.toString(),
  ];
  const { forwarded } = context;
  const more = attempt.trace === undefined ? forwarded : forwardedUnder(attempt.trace, forwarded);
  if (more.length > 0) headers.push(...more);
  const { origin, hostname } = instance;
  return { origin, hostname, path, headers, wire, onNewConnection };
}
