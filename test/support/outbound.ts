import { Observable, type Subscriber } from 'rxjs';
import { loadConfig } from '../../src/config/config.ts';
import { Deadline } from '../../src/context/deadline.ts';
import type { RequestTrace } from '../../src/context/request/trace.ts';
import { LoopLag } from '../../src/context/loop-lag.ts';
import type { Random } from '../../src/instances/balancer.ts';
import { Attempt } from '../../src/outbound/call/attempt.ts';
import { callOf } from '../../src/outbound/call/call-context.ts';
import { discoveryOf } from '../../src/instances/discovery/discovery-of.ts';
import { AnswerMemory } from '../../src/outbound/last-known-good/answer-memory.ts';
import type { RedisCommands } from '../../src/outbound/last-known-good/shared-answers.ts';
import type { OutboundListener } from '../../src/outbound/outbound-events.ts';
import type {
  CallFlow,
  Fetched,
  OutboundCall,
  OutboundHandler,
} from '../../src/outbound/outbound.interceptor.ts';
import { SourceRuntime } from '../../src/outbound/source-runtime.ts';
import { FakeTransport } from './fake-transport.ts';
import { join } from './layered.ts';
import { THING, ThingSchema, type Thing } from './thing.ts';
import type { VirtualClock } from './virtual-clock.ts';

export { THING, ThingSchema, type Thing };

export interface CallOptions {
  readonly totalMs?: number;
  readonly reserveMs?: number;
  readonly forwarded?: readonly string[];
  readonly audience?: string;
  readonly path?: string;
  readonly trace?: RequestTrace;
}

export interface TestCall extends OutboundCall<Thing> {
  /** The request is over. */
  dispose(): void;
}

/** One call of a request that arrives now. */
export function outboundCall(clock: VirtualClock, options: CallOptions = {}): TestCall {
  const { totalMs = 1500, reserveMs = 60, forwarded = [], audience = '', path, trace } = options;
  const deadline = new Deadline(clock, clock.now(), totalMs, reserveMs);
  return {
    source: 'thing',
    path: path ?? '/things/1',
    schema: ThingSchema,
    context: callOf({ requestId: 'request-1', deadline, forwarded, audience, trace }),
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
  /** Those that came here. */
  readonly attempts: Attempt[] = [];
  subscriptions = 0;
  cancellations = 0;
  private subscriber: Subscriber<Fetched<unknown>> | undefined;

  handle<T>(call: OutboundCall<T>, flow: CallFlow<T>): void {
    this.attempts.push(call.attempt);
    const held = new Observable<Fetched<T>>((subscriber) => {
      this.subscriptions += 1;
      this.subscriber = subscriber as Subscriber<Fetched<unknown>>;
      call.attempt.wire.occupy();
      return () => {
        if (this.subscriber === undefined) return;
        this.subscriber = undefined;
        this.cancellations += 1;
      };
    });
    join(held, flow);
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

/** One whole source in virtual time, configured as by the environment (names without the prefix). */
export function sourceUnderTest(
  clock: VirtualClock,
  knobs: Readonly<Record<string, string>> = {},
  random: Random = () => 0.5,
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
    random,
    createTransport: () => transport,
    createDiscovery: (url) => discoveryOf(url, { clock, random: () => 0.5, dnsServers: [] }),
    listeners: [listener],
    traces: true,
    deadlineMs: 1500,
    answers: new AnswerMemory(),
    redis,
  });
  const ask = (call: CallOptions = {}) => {
    const asked = outboundCall(clock, call);
    const seen = watch(runtime.ask(asked));
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
