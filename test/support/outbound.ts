import { Observable, type Subscriber } from 'rxjs';
import { z } from 'zod';
import { loadConfig } from '../../src/config/config.ts';
import { Deadline } from '../../src/context/deadline.ts';
import { LoopLag } from '../../src/context/loop-lag.ts';
import { Attempt } from '../../src/outbound/call/attempt.ts';
import { callOf } from '../../src/outbound/call/call-context.ts';
import { AnswerMemory } from '../../src/outbound/last-known-good/answer-memory.ts';
import type { RedisCommands } from '../../src/outbound/last-known-good/shared-answers.ts';
import type { OutboundListener } from '../../src/outbound/outbound-events.ts';
import type {
  Fetched,
  OutboundCall,
  OutboundHandler,
} from '../../src/outbound/outbound.interceptor.ts';
import { SourceRuntime } from '../../src/outbound/source-runtime.ts';
import type { Transport, WireRequest } from '../../src/transport/transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What the source of these tests answers. */
export const ThingSchema = z.object({ name: z.string() });
export type Thing = z.infer<typeof ThingSchema>;
export const THING: Thing = { name: 'a thing' };

export interface CallOptions {
  readonly totalMs?: number;
  readonly reserveMs?: number;
  readonly forwarded?: readonly string[];
  readonly audience?: string;
  readonly path?: string;
}

export interface TestCall extends OutboundCall<Thing> {
  /** The request is over. */
  dispose(): void;
}

/** One call of a request that arrives now. */
export function outboundCall(clock: VirtualClock, options: CallOptions = {}): TestCall {
  const { totalMs = 1500, reserveMs = 60, forwarded = [], audience = '', path } = options;
  const deadline = new Deadline(clock, clock.now(), totalMs, reserveMs);
  return {
    source: 'thing',
    path: path ?? '/things/1',
    schema: ThingSchema,
    context: callOf({ requestId: 'request-1', deadline, forwarded, audience }),
    attempt: new Attempt(),
    dispose: () => deadline.dispose(),
  };
}

/** What somebody who subscribed has seen so far. */
export interface Seen<T> {
  readonly values: T[];
  readonly errors: unknown[];
  /** Everything in order: 'value', 'error', 'complete'. */
  readonly events: string[];
  unsubscribe(): void;
}

export function watch<T>(source: Observable<T>): Seen<T> {
  const seen = { values: [] as T[], errors: [] as unknown[], events: [] as string[] };
  const subscription = source.subscribe({
    next: (value) => {
      seen.values.push(value);
      seen.events.push('value');
    },
    error: (error: unknown) => {
      seen.errors.push(error);
      seen.events.push('error');
    },
    complete: () => seen.events.push('complete'),
  });
  return { ...seen, unsubscribe: () => subscription.unsubscribe() };
}

/** The `code` of each error, or its message where it has none. */
export const codesOf = (errors: readonly unknown[]): unknown[] =>
  errors.map((error) => {
    if (!(error instanceof Error)) return error;
    return 'code' in error ? error.code : error.message;
  });

/** The rest of a pipeline, held open until the test answers, fails or frees it. */
export class HeldHandler implements OutboundHandler {
  subscriptions = 0;
  cancellations = 0;
  private subscriber: Subscriber<Fetched<unknown>> | undefined;

  handle<T>(call: OutboundCall<T>): Observable<Fetched<T>> {
    return new Observable<Fetched<T>>((subscriber) => {
      this.subscriptions += 1;
      this.subscriber = subscriber as Subscriber<Fetched<unknown>>;
      call.attempt.wire.occupy();
      return () => {
        if (this.subscriber === undefined) return;
        this.subscriber = undefined;
        this.cancellations += 1;
      };
    });
  }

  answer(value: unknown, body?: Buffer): void {
    const subscriber = this.take();
    subscriber?.next(body === undefined ? { value } : { value, body });
    subscriber?.complete();
  }

  fail(error: unknown): void {
    this.take()?.error(error);
  }

  private take(): Subscriber<Fetched<unknown>> | undefined {
    const { subscriber } = this;
    this.subscriber = undefined;
    return subscriber;
  }
}

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

/** One whole source in virtual time, configured as by the environment (names without the prefix). */
export function sourceUnderTest(
  clock: VirtualClock,
  knobs: Readonly<Record<string, string>> = {},
  redis?: RedisCommands,
) {
  // Only what a test names happens: no second attempts, no memory.
  const quiet = { RETRIES: '0', HEDGE: 'off', COALESCE: 'off', STALE_MS: '0', FRESH_MS: '0' };
  const settings = { URL: 'http://thing:80', ...quiet, ...knobs };
  const env = Object.fromEntries(
    Object.entries(settings).map(([knob, value]) => [`THING_SERVICE_${knob}`, value]),
  );
  const options = loadConfig(env, [{ name: 'thing', envPrefix: 'THING_SERVICE' }]).sources['thing'];
  if (options === undefined) throw new Error('the configuration has no such source');
  const transport = new FakeTransport();
  const loopLag = new LoopLag(clock);
  const changes: string[] = [];
  const ends: string[] = [];
  const listener: OutboundListener = {
    callEnded: (_call, end) => void ends.push(end.kind),
    breakerChanged: (source, to, from) => void changes.push(`${source}: ${from} -> ${to}`),
  };
  const runtime = new SourceRuntime('thing', options, {
    clock,
    loopLag,
    random: () => 0.5,
    createTransport: () => transport,
    listeners: [listener],
    deadlineMs: 1500,
    answers: new AnswerMemory(),
    redis,
  });
  const ask = (call: CallOptions = {}) => {
    const asked = outboundCall(clock, call);
    const seen = watch(runtime.handler.handle(asked));
    return { ...seen, call: asked, end: () => asked.dispose() };
  };
  return {
    ...runtime,
    bulkhead: runtime.bulkhead,
    breaker: runtime.breaker,
    runtime,
    transport,
    loopLag,
    changes,
    ends,
    ask,
  };
}
