import type { Observable } from 'rxjs';
import { forwardedUnder } from '../context/request/forwarded-headers.ts';
import { NoInstanceError } from '../errors/errors.ts';
import { decode } from '../transport/decode.ts';
import type { Transport, WireRequest } from '../transport/transport.ts';
import { layer } from './flow.ts';
import type { Fetched, OutboundCall, OutboundHandler } from './outbound.interceptor.ts';

/** How much earlier than us the source should give up, so that its own answer still arrives. */
const TRAVEL_MS = 10;

/** The end of the pipeline: sends the attempt, and turns the bytes that come back into a checked value. */
export class TransportHandler implements OutboundHandler {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  handle<T>(call: OutboundCall<T>): Observable<Fetched<T>> {
    return layer((flow) => {
      flow.join(this.transport.send(requestOf(call)), (body) => decode(body, call.schema));
    });
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
    ...(attempt.trace === undefined
      ? context.forwarded
      : forwardedUnder(attempt.trace, context.forwarded)),
  ];
  const { origin, hostname } = instance;
  return {
    origin,
    path,
    headers,
    wire,
    onNewConnection,
    ...(hostname !== undefined && { hostname }),
  };
}
