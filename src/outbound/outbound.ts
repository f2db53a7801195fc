import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { z } from 'zod';
import { CONFIG, type Config } from '../config/config.ts';
import { systemClock } from '../context/clock.ts';
import { LoopLag } from '../context/loop-lag.ts';
import { isTracing } from '../config/tracing.ts';
import type { SourceUrl } from '../config/url/source-url.ts';
import { discoveryOf } from '../instances/discovery/discovery-of.ts';
import { REDIS } from '../redis/redis.ts';
import { TRANSPORT_FACTORY, type TransportFactory } from '../transport/transport.ts';
import { OUTBOUND_LISTENERS, type OutboundListener } from './outbound-events.ts';
import { Attempt } from './call/attempt.ts';
import type { CallContext } from './call/call-context.ts';
import { AnswerMemory } from './last-known-good/answer-memory.ts';
import type { RedisCommands } from './last-known-good/shared-answers.ts';
import type { Fetched } from './outbound.interceptor.ts';
import { SourceRuntime } from './source-runtime.ts';

/** The way out: every call of every client goes through here into its source's pipeline. */
@Injectable()
export class Outbound implements OnApplicationShutdown {
  private readonly runtimes: ReadonlyMap<string, SourceRuntime>;
  private readonly loopLag = new LoopLag(systemClock);

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(TRANSPORT_FACTORY) createTransport: TransportFactory,
    @Inject(OUTBOUND_LISTENERS) listeners: readonly OutboundListener[],
    @Inject(REDIS) redis: RedisCommands | undefined,
  ) {
    this.loopLag.start();
    const clock = systemClock;
    const random = Math.random;
    const dnsServers = config.service.DNS_SERVERS;
    const surroundings = {
      clock,
      loopLag: this.loopLag,
      random,
      createTransport,
      createDiscovery: (url: SourceUrl) => discoveryOf(url, { clock, random, dnsServers }),
      listeners,
      traces: isTracing(config.service),
      deadlineMs: config.service.DEADLINE_MS,
      answers: new AnswerMemory(),
      redis,
    };
    this.runtimes = new Map(
      Object.entries(config.sources).map(([name, options]) => [
        name,
        new SourceRuntime(name, options, surroundings),
      ]),
    );
  }

  /** The sources of this process with their state, in the order of the list. */
  get sources(): Iterable<SourceRuntime> {
    return this.runtimes.values();
  }

  /** A call that is made on subscription. @throws Error for a source that is not configured: our bug */
  get<T>(
    source: string,
    path: string,
    schema: z.ZodType<T>,
    context: CallContext,
  ): Observable<Fetched<T>> {
    const runtime = this.runtimes.get(source);
    if (runtime === undefined) throw new Error(`no options for the source ${source}`);
    context.trail.breaker = runtime.breaker.state;
    return runtime.ask({ source, path, schema, context, attempt: new Attempt() });
  }

  /** After the server has closed: requests in flight need the connections until their end. */
  async onApplicationShutdown(): Promise<void> {
    this.loopLag.stop();
    await Promise.all([...this.runtimes.values()].map((runtime) => runtime.close()));
  }
}
