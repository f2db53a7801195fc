import type { Clock } from '../context/clock.ts';
import type { Wire } from './wire.ts';

/** One HTTP GET to one instance. */
export interface WireRequest {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string;
  /** What TLS checks and `Host` says, where the origin is an address found under a name. No port. */
  readonly hostname: string | undefined;
  /** Path and query, already encoded. */
  readonly path: string;
  /** Name, value, name, value, …: a flat list is the cheapest form to send. */
  readonly headers: readonly string[];
  readonly wire: Wire;
  /** Whether it must go over a connection that was never used before. */
  readonly onNewConnection: boolean;
}

/** What a source's transport may spend. */
export interface TransportLimits {
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Who sent a request: told once of one of the two, unless it cancelled before. */
export interface Recipient {
  /** The body of a 2xx answer. */
  received(body: Buffer): void;
  /** @param error a `CallError` */
  failed(error: unknown): void;
}

/** A request on its way. */
export interface Sending {
  /** Nobody waits for its answer any more. Nothing happens once its recipient has been told. */
  cancel(): void;
}

/**
 * The port to the network, one per source: never redirects, never decompresses, never reads the body of anything but a
 * 2xx, never keeps more than `maxResponseBytes`. From `send` on the request's wire is occupied; it is freed when the
 * answer has been read, or when the socket is closed and the source had time to see it.
 */
export interface Transport {
  /** The recipient may be told before it returns. What it throws is our bug. */
  send(request: WireRequest, recipient: Recipient): Sending;
  /**
   * The instance is gone: its idle connections are closed at once, the others when their exchange is over. It may
   * come back: what is sent to it later goes over new ones.
   */
  retire(origin: string): void;
  /** Ends every connection; nothing can be sent afterwards. */
  close(): Promise<void>;
}

export type TransportFactory = (limits: TransportLimits) => Transport;

/** Nest's token for the `TransportFactory`. */
export const TRANSPORT_FACTORY = Symbol('TRANSPORT_FACTORY');

/** What `Host` says to an origin that was found under a name; undefined where the origin has the name. */
export function hostHeader(origin: string, hostname: string | undefined): string | undefined {
  if (hostname === undefined) return undefined;
  const { port } = new URL(origin);
  return port === '' ? hostname : `${hostname}:${port}`;
}

/** How long an idle connection is kept when the source does not say. */
export const KEEP_ALIVE_MS = 4_000;

/** How long an idle connection is kept at most, whatever the source says. */
export const KEEP_ALIVE_MAX_MS = 30_000;

/** Largest head of an answer. */
export const MAX_HEADER_BYTES = 16_384;

/** After an error status: how long and how much of the body may still come, to keep the connection. */
export const DRAIN_MS = 100;
export const DRAIN_BYTES = 16_384;

/**
 * How long the wire stays occupied after an aborted attempt's socket has closed: until the close has reached the
 * source, i.e. two round trips (measured when connecting), at least 10 ms for its event loop to notice.
 */
const lingerMs = (connectMs: number): number => Math.max(10, 2 * connectMs);

/** Frees the wire of an aborted attempt whose socket has just closed, when that has reached the source. */
export function afterLinger(clock: Clock, connectMs: number, free: () => void): void {
  clock.setTimeout(() => clock.afterPoll(free), lingerMs(connectMs));
}
