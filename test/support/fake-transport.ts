import { Observable, type Subscriber } from 'rxjs';
import { THING } from './thing.ts';
import type { Transport, WireRequest } from '../../src/transport/transport.ts';

/** One request that reached the fake network. */
export class FakeExchange {
  readonly request: WireRequest;
  aborted = false;
  /** Neither answered nor failed nor aborted. */
  open = true;
  /** The source may still count it. */
  onWire = true;
  private readonly subscriber: Subscriber<Buffer>;

  constructor(request: WireRequest, subscriber: Subscriber<Buffer>) {
    this.request = request;
    this.subscriber = subscriber;
    request.wire.occupy();
  }

  answer(body: unknown = THING): void {
    this.answerBytes(JSON.stringify(body));
  }

  answerBytes(text: string): void {
    this.open = false;
    this.free();
    this.subscriber.next(Buffer.from(text));
    this.subscriber.complete();
  }

  /** The socket is done with it. */
  fail(error: unknown): void {
    this.free();
    this.failBusy(error);
  }

  /** The socket still drains the body that nobody reads. */
  failBusy(error: unknown): void {
    this.open = false;
    this.subscriber.error(error);
  }

  free(): void {
    if (!this.onWire) return;
    this.onWire = false;
    this.request.wire.free();
  }

  abort(): void {
    if (!this.open) return;
    this.open = false;
    this.aborted = true;
  }
}

/** A network that a test plays by hand, with every request that reached it in order. */
export class FakeTransport implements Transport {
  readonly sent: FakeExchange[] = [];
  readonly retired: string[] = [];
  closed = false;

  retire(origin: string): void {
    this.retired.push(origin);
  }

  send(request: WireRequest): Observable<Buffer> {
    return new Observable<Buffer>((subscriber) => {
      const exchange = new FakeExchange(request, subscriber);
      this.sent.push(exchange);
      return () => exchange.abort();
    });
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** The nth request, counted from 0. */
  exchange(index: number): FakeExchange {
    const exchange = this.sent[index];
    if (exchange === undefined) throw new Error(`request ${index} was never sent`);
    return exchange;
  }
}
