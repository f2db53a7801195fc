import { buildConnector } from 'undici';
import type { Clock } from '../../context/clock.ts';
import {
  hostHeader,
  type Recipient,
  type Sending,
  type Transport,
  type TransportLimits,
  type WireRequest,
} from '../transport.ts';
import { ClosingQueue } from '../closing-queue.ts';
import { ConnectGate } from './connect-gate.ts';
import { connectDirectly } from './direct-socket.ts';
import { Connection, type Target } from './undici.connection.ts';
import { UndiciExchange, type ExchangeParts } from './undici.exchange.ts';

/**
 * The default transport: undici by `dispatch`, one client per socket. Idle connections are kept in a stack per
 * instance, so taking one costs the same with thousands of them (undici's own pool searches), and the one used last,
 * which is the least likely to have been closed by the source, is used first. How many there are is bounded by the
 * bulkhead's permits: an attempt without one does not come here.
 */
export class UndiciTransport implements Transport {
  private readonly clock: Clock;
  private readonly exchanges: ExchangeParts;
  private readonly limits: TransportLimits;
  // A connector keeps TLS sessions: one for all connections. No probes of TCP's: idle ones are closed before their time.
  private readonly connector = connectDirectly(
    buildConnector({ allowH2: false, timeout: 0, keepAlive: false }),
  );
  private readonly pools = new Map<string, Pool>();
  private readonly all = new Set<Connection>();

  /** @param closing shared with the other transports of the process */
  constructor(limits: TransportLimits, clock: Clock, closing = new ClosingQueue(clock)) {
    this.exchanges = { limits, clock, closing };
    this.clock = clock;
    this.limits = limits;
  }

  send(request: WireRequest, recipient: Recipient): Sending {
    const connection = this.take(this.poolOf(request), request.onNewConnection);
    const exchange = new UndiciExchange(connection, request.wire, recipient, this.exchanges);
    exchange.start(request);
    return exchange;
  }

  retire(origin: string): void {
    const pool = this.pools.get(origin);
    if (pool === undefined) return;
    this.pools.delete(origin);
    pool.isRetired = true;
    for (const connection of pool.idle.splice(0)) this.drop(connection);
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map(({ client }) => client.destroy()));
    this.all.clear();
    this.pools.clear();
  }

  private poolOf({ origin, hostname }: WireRequest): Pool {
    const known = this.pools.get(origin);
    if (known !== undefined && known.hostname === hostname) return known;
    // A connection that was made under one name is not used under another one.
    this.retire(origin);
    const host = hostHeader(origin, hostname);
    const pool: Pool = {
      url: urlOf(origin),
      hostname,
      host,
      gate: new ConnectGate(),
      idle: [],
      isRetired: false,
    };
    this.pools.set(origin, pool);
    return pool;
  }

  private take(pool: Pool, onNewConnection: boolean): Connection {
    const kept = pool.idle.pop();
    if (kept === undefined || !onNewConnection) return kept ?? this.open(pool);
    // In its place, so that there are never more connections than permits.
    this.drop(kept);
    return this.open(pool);
  }

  private open(pool: Pool): Connection {
    const connection = new Connection(
      pool,
      this.connector,
      this.limits.connectTimeoutMs,
      this.clock,
      (freed) => {
        if (pool.isRetired) this.drop(freed);
        else pool.idle.push(freed);
      },
    );
    this.all.add(connection);
    return connection;
  }

  private drop(connection: Connection): void {
    this.all.delete(connection);
    void connection.client.destroy();
  }
}

/** The connections to one instance. */
interface Pool extends Target {
  readonly hostname: string | undefined;
  /** The one used last on top. */
  readonly idle: Connection[];
  /** Nothing is given back to it any more. */
  isRetired: boolean;
}

/** undici asks for the origin with every request, and Node puts it together each time: 2.8 µs for three. */
const urlOf = (origin: string): URL =>
  Object.defineProperty(new URL(origin), 'origin', { value: origin });
