import type { Clock, Timer } from '../../../context/clock.ts';
import type {
  RequestEnd,
  RequestListener,
  RequestStatus,
} from '../../../context/request/request-end.ts';
import type { Attempt } from '../../../outbound/call/attempt.ts';
import type { OutboundListener } from '../../../outbound/outbound-events.ts';
import type { OutboundCall } from '../../../outbound/outbound.interceptor.ts';
import type {
  BreakerState,
  Frame,
  Hello,
  IncompleteAnswer,
  Instances,
  Tick,
} from '../console.contract.ts';
import { BreakerHistory } from './breaker-history.ts';
import { DeadlineSlack } from './deadline-slack.ts';
import { IncompleteAnswers } from './incomplete-answers.ts';
import { Latest } from './latest.ts';
import { SourceSecond } from './second.ts';
import { instanceRows, sourceFrame, type Watched } from './watched.ts';

/** Told once a second, also of seconds in which nothing happened. */
export type TickListener = (tick: Tick, answers: readonly IncompleteAnswer[]) => void;

const TICK_MS = 1_000;
/** Two minutes. */
const FRAMES_KEPT = 120;

/**
 * What the console shows: counters of the current second, and what is remembered of the last two minutes. Nobody need
 * be looking: a page that is opened has the history at once.
 */
export class ConsoleFeed implements RequestListener, OutboundListener {
  private readonly clock: Clock;
  private readonly wallClock: () => number;
  private readonly frames = new Latest<Frame>(FRAMES_KEPT);
  private readonly answers = new IncompleteAnswers();
  private readonly slack = new DeadlineSlack();
  private readonly seconds = new Map<string, SourceSecond>();
  private readonly breakers = new Map<string, BreakerHistory>();
  private readonly listeners = new Set<TickListener>();
  private requests = noRequests();
  private instances: Instances = {};
  private watched: Watched | undefined;
  private timer: Timer | undefined;
  private tickedAt = 0;

  /** @param wallClock ms since 1970 */
  constructor(clock: Clock, wallClock: () => number = Date.now) {
    this.clock = clock;
    this.wallClock = wallClock;
  }

  /** Begins to look, once a second until it is stopped. */
  start(watched: Watched): void {
    this.stop();
    this.watched = watched;
    this.tickedAt = this.clock.now();
    this.instances = this.instancesAt(this.tickedAt, watched);
    this.schedule(TICK_MS);
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** All that is remembered, as a new console is told it. */
  get history(): Pick<Hello, 'frames' | 'instances' | 'answers'> {
    return { frames: this.frames.list, instances: this.instances, answers: this.answers.list };
  }

  /** @returns what ends it */
  onTick(listener: TickListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  requestEnded(end: RequestEnd): void {
    this.requests[end.status] += 1;
    if (end.slackMs !== undefined) this.slack.add(end.slackMs);
    if (end.sections !== undefined)
      for (const section of end.sections) this.secondOf(section.source).section(section);
    this.answers.add(end, this.wallClock());
  }

  attemptEnded({ source }: OutboundCall<unknown>, { kind, instance }: Attempt): void {
    this.secondOf(source).attempt(kind, instance?.address);
  }

  breakerChanged(source: string, to: BreakerState, from: BreakerState): void {
    this.breakerOf(source).changed(to, from, this.wallClock());
  }

  private tick(watched: Watched): void {
    const now = this.clock.now();
    const frame = this.frameAt(now, watched);
    this.tickedAt = now;
    this.frames.add(frame);
    this.instances = this.instancesAt(now, watched);
    const answers = this.answers.take();
    for (const listener of this.listeners) listener({ frame, instances: this.instances }, answers);
    this.schedule(TICK_MS);
  }

  private frameAt(now: number, { admission, sources }: Watched): Frame {
    const at = this.wallClock();
    const { requests } = this;
    this.requests = noRequests();
    return {
      at,
      spanMs: Math.round(now - this.tickedAt),
      requests,
      slackMs: this.slack.take(),
      inFlight: admission.inFlight,
      loopDelayMs: Math.round(admission.loopDelayMs * 10) / 10,
      sources: Object.fromEntries(
        sources.map((source) => {
          // First: an open time that is over becomes half-open by being looked at.
          void source.breaker.state;
          const breaker = this.breakerOf(source.name).take(at);
          return [source.name, sourceFrame(source, this.secondOf(source.name), breaker, now)];
        }),
      ),
    };
  }

  private instancesAt(now: number, { sources }: Watched): Instances {
    return Object.fromEntries(
      sources.map((source) => [source.name, instanceRows(source, this.secondOf(source.name), now)]),
    );
  }

  private schedule(inMs: number): void {
    this.timer = this.clock.setTimeout(() => {
      if (this.watched !== undefined) this.tick(this.watched);
    }, inMs);
    if (typeof this.timer === 'object') this.timer.unref();
  }

  private secondOf(source: string): SourceSecond {
    return this.seconds.get(source) ?? added(this.seconds, source, new SourceSecond());
  }

  private breakerOf(source: string): BreakerHistory {
    return this.breakers.get(source) ?? added(this.breakers, source, new BreakerHistory());
  }
}

const noRequests = (): Record<RequestStatus, number> => ({
  success: 0,
  partial_success: 0,
  failure: 0,
  not_found: 0,
  shed: 0,
  rejected: 0,
  cancelled: 0,
});

function added<T>(map: Map<string, T>, name: string, value: T): T {
  map.set(name, value);
  return value;
}
