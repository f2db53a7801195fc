import { SourceStatusError } from '../../src/errors/errors.ts';
import type { Random } from '../../src/instances/balancer.ts';
import type { Recipient, Sending, WireRequest } from '../../src/transport/transport.ts';
import type { Wire } from '../../src/transport/wire.ts';
import { outboundCall, sourceUnderTest, THING } from './outbound.ts';
import { seededRandom, VirtualClock } from './virtual-clock.ts';

/**
 * A discrete-event simulation of one whole source: calls of different users arrive at a fixed rate and go through the
 * real pipeline, the instances behave as their scripts say, and time jumps from event to event. The same seed gives the
 * same run.
 */

/** What an instance does with one request; one that hangs says nothing until it is given up. */
export type Reply =
  { readonly afterMs: number; readonly status: number; readonly retryAfterMs?: number } | 'hangs';

/** @param now since the start of the simulation, in ms */
export type Script = (now: number, random: Random) => Reply;

export interface SimulationOptions {
  readonly seed: number;
  /** Calls; of a number that changes, as it stands after so many ms. */
  readonly perSecond: number | ((now: number) => number);
  /** By host name. */
  readonly instances: Readonly<Record<string, Script>>;
  /** Of the source, by their names in the environment without its prefix. */
  readonly knobs?: Readonly<Record<string, string>>;
}

/** From when to when, since the start of the simulation, in ms. */
export type Window = readonly [from: number, to: number];

/** One request that reached the source. */
export interface Sent {
  readonly at: number;
  readonly host: string;
  /** As the source was told: 1, 2, … */
  readonly attempt: number;
}

/** What became of the calls that arrived in a window, and what the source saw in it. */
export interface Tally {
  readonly calls: number;
  readonly goodShare: number;
  readonly sent: readonly Sent[];
  readonly attemptsPerCall: number;
  /** Of all calls, failed ones with their time too: what so many of a hundred had to wait at most. */
  waitMs(percent: number): number;
}

interface Ended {
  readonly arrivedAt: number;
  readonly tookMs: number;
  readonly isGood: boolean;
}

/** About so long: up to a fifth less or more. */
export const answers =
  (ms: number): Script =>
  (_now, random) => ({ afterMs: ms * (0.8 + 0.4 * random()), status: 200 });

export const fails =
  (afterMs: number, retryAfterMs?: number): Script =>
  () => ({ afterMs, status: 503, ...(retryAfterMs !== undefined && { retryAfterMs }) });

export const hangs: Script = () => 'hangs';

/** Carries so many at once, each for so long; the others stand in line, and are worked on also when they have been given up. */
export function carries(workers: number, serviceMs: number): Script {
  const freeAt = Array.from({ length: workers }, () => 0);
  return (now) => {
    const first = freeAt.indexOf(Math.min(...freeAt));
    const startsAt = Math.max(now, freeAt[first] ?? 0);
    freeAt[first] = startsAt + serviceMs;
    return { afterMs: startsAt + serviceMs - now, status: 200 };
  };
}

/** The first script for this share of the requests, the second one for the others. */
export const sometimes =
  (share: number, script: Script, otherwise: Script): Script =>
  (now, random) =>
    random() < share ? script(now, random) : otherwise(now, random);

/** The first script for every nth request, the second one for the others. */
export const everyNth = (nth: number, script: Script, otherwise: Script): Script => {
  let requests = 0;
  return (now, random) => {
    requests += 1;
    return requests % nth === 0 ? script(now, random) : otherwise(now, random);
  };
};

/** The first script until then, the second one from then on. */
export const until =
  (ms: number, before: Script, after: Script): Script =>
  (now, random) =>
    now < ms ? before(now, random) : after(now, random);

const BODY = Buffer.from(JSON.stringify(THING));
/** How long an aborted request is still counted at the source. */
const LINGER_MS = 10;

export class SourceSimulation {
  readonly clock = new VirtualClock();
  readonly source: ReturnType<typeof sourceUnderTest>;
  /** Most requests that were at the source at once. */
  mostAtOnce = 0;
  private readonly options: SimulationOptions;
  private readonly startedAt = this.clock.now();
  private readonly random: Random;
  private readonly ended: Ended[] = [];
  private readonly sent: Sent[] = [];
  private isOpen = true;
  private users = 0;
  private atOnce = 0;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.random = seededRandom(options.seed);
    const hosts = Object.keys(options.instances);
    const URL = hosts.map((host) => `http://${host}:80`).join(',');
    const knobs = { RETRIES: '1', COALESCE: 'on', URL, ...options.knobs };
    this.source = sourceUnderTest(this.clock, knobs, seededRandom(options.seed + 1_000));
    this.source.transport.send = (request, recipient) => this.send(request, recipient);
    this.arrive();
  }

  /** Since the start, in ms. */
  get now(): number {
    return this.clock.now() - this.startedAt;
  }

  /** Runs on for so long. */
  run(forMs: number): Window {
    const from = this.now;
    this.clock.advance(forMs);
    return [from, this.now];
  }

  /** Many callers at the same moment. */
  burst(calls: number): void {
    for (let call = 0; call < calls; call += 1) this.call();
  }

  /** No more callers: what is under way comes to its end. */
  drain(): void {
    this.isOpen = false;
    this.clock.advance(5_000);
  }

  /** @param window all of whose calls have ended, as after `drain` */
  tally([from, to]: Window): Tally {
    const calls = this.ended.filter(({ arrivedAt }) => arrivedAt >= from && arrivedAt < to);
    const sent = this.sent.filter(({ at }) => at >= from && at < to);
    const waitsMs = calls.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    return {
      calls: calls.length,
      goodShare: calls.filter(({ isGood }) => isGood).length / calls.length,
      sent,
      attemptsPerCall: sent.length / calls.length,
      waitMs: (percent) => waitsMs[Math.ceil((waitsMs.length * percent) / 100) - 1] ?? 0,
    };
  }

  private arrive(): void {
    const { perSecond } = this.options;
    const rate = typeof perSecond === 'number' ? perSecond : perSecond(this.now);
    const gapMs = (1_000 / rate) * (0.5 + this.random());
    this.clock.setTimeout(() => {
      if (!this.isOpen) return;
      this.call();
      this.arrive();
    }, gapMs);
  }

  /** Of somebody who was not here before, so that no two calls are the same. */
  private call(): void {
    const arrivedAt = this.now;
    this.users += 1;
    const call = outboundCall(this.clock, { path: `/things/${this.users}` });
    const ended = (isGood: boolean): void => {
      this.ended.push({ arrivedAt, tookMs: this.now - arrivedAt, isGood });
      call.dispose();
    };
    this.source.runtime
      .ask(call)
      .subscribe({ error: () => ended(false), complete: () => ended(true) });
  }

  private send({ origin, headers, wire }: WireRequest, recipient: Recipient): Sending {
    const host = new URL(origin).hostname;
    const attempt = Number(headers[headers.indexOf('x-attempt') + 1]);
    this.sent.push({ at: this.now, host, attempt });
    wire.occupy();
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    const reply = this.options.instances[host]?.(this.now, this.random) ?? 'hangs';
    return { cancel: this.exchange(reply, wire, recipient) };
  }

  /** @returns what aborts it */
  private exchange(reply: Reply, wire: Wire, recipient: Recipient): () => void {
    let isUnderWay = true;
    const close = (): void => {
      this.atOnce -= 1;
      wire.free();
    };
    const answer = ({ status, retryAfterMs }: Exclude<Reply, 'hangs'>): void => {
      isUnderWay = false;
      close();
      if (status === 200) recipient.received(BODY);
      else recipient.failed(new SourceStatusError(status, retryAfterMs));
    };
    const timer =
      reply === 'hangs' ? undefined : this.clock.setTimeout(() => answer(reply), reply.afterMs);
    return () => {
      if (!isUnderWay) return;
      if (timer !== undefined) this.clock.clearTimeout(timer);
      this.clock.setTimeout(close, LINGER_MS);
    };
  }
}
