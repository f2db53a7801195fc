import { THING } from './thing.ts';
import type { Recipient, Sending, Transport, WireRequest } from '../../src/transport/transport.ts';

/** One request that reached the fake network. */
export class FakeExchange implements Sending {
  readonly request: WireRequest;
  aborted = false;
  /** How often it was taken back, also when it was over already. */
  cancellations = 0;
  /** Neither answered nor failed nor aborted. */
  open = true;
  /** The source may still count it. */
  onWire = true;
  private readonly recipient: Recipient;

  constructor(request: WireRequest, recipient: Recipient) {
    this.request = request;
    this.recipient = recipient;
    request.wire.occupy();
  }

  answer(body: unknown = THING): void {
    this.answerBytes(JSON.stringify(body));
  }

  answerBytes(text: string): void {
    this.open = false;
    this.free();
    this.recipient.received(Buffer.from(text));
  }

  /** The socket is done with it. */
  fail(error: unknown): void {
    this.free();
    this.failBusy(error);
  }

  /** The socket still drains the body that nobody reads. */
  failBusy(error: unknown): void {
    this.open = false;
    this.recipient.failed(error);
  }

  free(): void {
    if (!this.onWire) return;
    this.onWire = false;
    this.request.wire.free();
  }

  cancel(): void {
    this.cancellations += 1;
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

  send(request: WireRequest, recipient: Recipient): Sending {
    const exchange = new FakeExchange(request, recipient);
    this.sent.push(exchange);
    return exchange;
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
