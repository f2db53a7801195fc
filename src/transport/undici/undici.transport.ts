import { Observable } from 'rxjs';
import { buildConnector } from 'undici';
import type { Clock } from '../../context/clock.ts';
import type { Transport, TransportLimits, WireRequest } from '../transport.ts';
import { Connection } from './undici.connection.ts';
import { UndiciExchange } from './undici.exchange.ts';

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
      const connection = this.take(request);
      const exchange = new UndiciExchange(connection, request, this.limits, this.clock, {
        value: (body) => {
          subscriber.next(body);
          subscriber.complete();
        },
        failed: (error) => subscriber.error(error),
        done: () => this.idleOf(request.origin).push(connection),
      });
      exchange.start();
      return () => exchange.cancel();
    });
  }

  retire(origin: string): void {
    for (const connection of this.idle.get(origin)?.splice(0) ?? []) {
      this.all.delete(connection);
      void connection.client.destroy();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map(({ client }) => client.destroy()));
    this.all.clear();
    this.idle.clear();
  }

  private take({ origin, onNewConnection }: WireRequest): Connection {
    const kept = this.idleOf(origin).pop();
    if (kept === undefined || !onNewConnection) return kept ?? this.open(origin);
    // In its place, so that there are never more connections than permits.
    this.all.delete(kept);
    void kept.client.destroy();
    return this.open(origin);
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
