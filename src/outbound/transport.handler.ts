import { map, Observable } from 'rxjs';
import type { Clock } from '../context/clock.ts';
import { NoInstanceError } from '../errors/errors.ts';
import { decode } from '../transport/decode.ts';
import type { Transport, WireRequest } from '../transport/transport.ts';
import type { RecentLatency } from './latency/recent-latency.ts';
import type { Fetched, OutboundCall, OutboundHandler } from './outbound.interceptor.ts';

/** How much earlier than us the source should give up, so that its own answer still arrives. */
const TRAVEL_MS = 10;

/** The end of the pipeline: sends the attempt, and turns the bytes that come back into a checked value. */
export class TransportHandler implements OutboundHandler {
  private readonly transport: Transport;
  private readonly latency: RecentLatency;
  private readonly clock: Clock;

  constructor(transport: Transport, latency: RecentLatency, clock: Clock) {
    this.transport = transport;
    this.latency = latency;
    this.clock = clock;
  }

  handle<T>(call: OutboundCall<T>): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      const sentAt = this.clock.now();
      const fetched = map((body: Buffer) => {
        this.latency.record(this.clock.now() - sentAt);
        return { value: decode(body, call.schema) };
      });
      this.transport.send(this.request(call)).pipe(fetched).subscribe(subscriber);
    });
  }

  private request(call: OutboundCall<unknown>): WireRequest {
    const { context, attempt, path } = call;
    if (attempt.instance === undefined) throw new NoInstanceError();
    context.attempts += 1;
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
      context.attempts.toString(),
      ...context.forwarded,
    ];
    return {
      origin: attempt.instance.origin,
      path,
      headers,
      wire: attempt.wire,
      onNewConnection: attempt.onNewConnection,
    };
  }
}
