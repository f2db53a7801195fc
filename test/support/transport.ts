import { HttpService } from '@nestjs/axios';
import { afterEach } from '@jest/globals';
import { firstValueFrom, Observable } from 'rxjs';
import { systemClock } from '../../src/context/clock.ts';
import type { CallErrorCode } from '../../src/errors/errors.ts';
import { AxiosTransport } from '../../src/transport/axios/axios.transport.ts';
import type { Transport, TransportLimits, WireRequest } from '../../src/transport/transport.ts';
import { UndiciTransport } from '../../src/transport/undici/undici.transport.ts';
import { Wire } from '../../src/transport/wire.ts';
import { RawSource } from './raw-source.ts';

/** Both adapters and raw sources for the transport contract; what a test starts is stopped after it. */

const LIMITS: TransportLimits = { connectTimeoutMs: 200, maxResponseBytes: 1000 };

export type CreateTransport = (limits: TransportLimits) => Transport;

export const TRANSPORTS: readonly [name: string, create: CreateTransport][] = [
  ['undici', (limits) => new UndiciTransport(limits, systemClock)],
  ['axios', (limits) => new AxiosTransport(limits, systemClock, new HttpService())],
];

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

export interface Setup {
  source(serve: ConstructorParameters<typeof RawSource>[0]): Promise<RawSource>;
  transport(limits?: Partial<TransportLimits>): Transport;
}

/** Call it inside a `describe`. */
export function setUp(create: CreateTransport): Setup {
  const started: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of started.splice(0).toReversed()) await stop();
  });
  return {
    source: async (serve) => {
      const raw = await new RawSource(serve).start();
      started.push(() => raw.stop());
      return raw;
    },
    transport: (limits = {}) => {
      const made = create({ ...LIMITS, ...limits });
      started.push(() => made.close());
      return made;
    },
  };
}

export function wireOf(): { wire: Wire; isFree: () => boolean } {
  const wire = new Wire();
  return {
    wire,
    isFree: () => {
      let isFree = false;
      wire.whenFree(() => (isFree = true));
      return isFree;
    },
  };
}

export const send = (
  by: Transport,
  origin: string,
  wire = new Wire(),
  headers: string[] = [],
  onNewConnection = false,
): Observable<Buffer> =>
  sent(by, {
    origin,
    hostname: undefined,
    path: '/users/a%40b?x=1',
    headers,
    wire,
    onNewConnection,
  });

/** Sending as an observable: subscribe = send, unsubscribe = cancel. */
export const sent = (by: Transport, request: WireRequest): Observable<Buffer> =>
  new Observable((subscriber) => {
    const sending = by.send(request, {
      received: (body) => {
        subscriber.next(body);
        subscriber.complete();
      },
      failed: (error) => subscriber.error(error),
    });
    return () => sending.cancel();
  });

/** What sending ends with: an error's code, or a value. */
export const codeOf = (
  by: Transport,
  origin: string,
  wire?: Wire,
): Promise<CallErrorCode | 'a value'> =>
  firstValueFrom(send(by, origin, wire)).then(
    () => 'a value' as const,
    (error: { code: CallErrorCode }) => error.code,
  );
