import { Balancer, type Random } from '../../src/instances/balancer.ts';
import type { Evidence } from '../../src/instances/instance.ts';
import { seededRandom, VirtualClock } from './virtual-clock.ts';

/**
 * A discrete-event simulation of one source: callers arrive at a fixed rate, the balancer sends each to an instance that
 * behaves as its script says, and time jumps from event to event. The same seed gives the same run.
 */

/** What an instance does with one attempt; one that hangs says nothing until its caller gives up. */
export type Reply =
  | { readonly afterMs: number; readonly evidence: Evidence; readonly retryAfterMs?: number }
  | 'hangs';

/** How an instance behaves. @param now ms since the start of the simulation */
export type Script = (now: number, random: Random) => Reply;

export interface SimulationOptions {
  readonly seed: number;
  /** By name. The balancer knows all of them from the start, with a weight of 1. */
  readonly instances: Readonly<Record<string, Script>>;
  readonly perSecond: number;
  /** When a caller gives up what it waits for; default 1500. */
  readonly giveUpAfterMs?: number;
}

/** Something for each instance, by name. */
export type ByName<T> = Readonly<Record<string, T>>;

/** Answers after about so long: up to a fifth less or more. */
export const answers =
  (ms: number): Script =>
  (_now, random) => ({ afterMs: ms * (0.8 + 0.4 * random()), evidence: 'answered' });

export const fails =
  (afterMs: number): Script =>
  () => ({ afterMs, evidence: 'failed' });

export const hangs: Script = () => 'hangs';

/** Behaves one way for so long, and another way from then on. */
export const first =
  (forMs: number, before: Script, after: Script): Script =>
  (now, random) =>
    (now < forMs ? before : after)(now, random);

export class Simulation {
  readonly clock = new VirtualClock();
  readonly balancer: Balancer;
  /** Callers that no instance was found for. */
  unserved = 0;
  private readonly options: SimulationOptions;
  private readonly random: Random;
  private readonly startedAt = this.clock.now();
  private isOpen = true;
  private sent = new Map<string, number>();

  constructor(options: SimulationOptions) {
    this.options = options;
    this.random = seededRandom(options.seed);
    this.balancer = new Balancer(this.clock, seededRandom(options.seed + 1_000));
    this.update(this.byName(() => 1));
    this.arrive();
  }

  /** Discovery names these, with these weights. */
  update(weights: ByName<number>): void {
    this.balancer.update(
      Object.entries(weights).map(([name, weight]) => ({ origin: `http://${name}`, weight })),
    );
  }

  /** Runs on for so long. @returns how many attempts each instance got meanwhile */
  run(forMs: number): ByName<number> {
    this.sent = new Map();
    this.clock.advance(forMs);
    return this.byName((name) => this.sent.get(name) ?? 0);
  }

  /** Runs on for so long. @returns each instance's share of the attempts meanwhile, 0–1 */
  shares(forMs: number): ByName<number> {
    const sent = this.run(forMs);
    const total = Object.values(sent).reduce((sum, count) => sum + count, 0);
    return this.byName((name) => (sent[name] ?? 0) / total);
  }

  /** No more callers: runs on until all that is under way has come to its end. */
  drain(): void {
    this.isOpen = false;
    while (this.clock.pending > 0) this.clock.advance(1_000);
  }

  private byName<T>(make: (name: string) => T): ByName<T> {
    const names = Object.keys(this.options.instances);
    return Object.fromEntries(names.map((name) => [name, make(name)]));
  }

  private arrive(): void {
    const gapMs = (1_000 / this.options.perSecond) * (0.5 + this.random());
    this.clock.setTimeout(() => {
      if (!this.isOpen) return;
      this.attempt();
      this.arrive();
    }, gapMs);
  }

  private attempt(): void {
    const { balancer, clock } = this;
    const instance = balancer.pick();
    if (instance === undefined) {
      this.unserved += 1;
      return;
    }
    instance.inFlight += 1;
    this.sent.set(instance.address, (this.sent.get(instance.address) ?? 0) + 1);
    const { afterMs, evidence, retryAfterMs } = this.replyOf(instance.address);
    clock.setTimeout(() => {
      instance.inFlight -= 1;
      balancer.ended(instance, evidence, afterMs, retryAfterMs);
    }, afterMs);
  }

  /** As its caller sees it, who does not wait for ever. */
  private replyOf(name: string): Exclude<Reply, 'hangs'> {
    const { instances, giveUpAfterMs = 1_500 } = this.options;
    const reply = instances[name]?.(this.clock.now() - this.startedAt, this.random) ?? 'hangs';
    const isInTime = reply !== 'hangs' && reply.afterMs <= giveUpAfterMs;
    return isInTime ? reply : { afterMs: giveUpAfterMs, evidence: 'abandoned' };
  }
}
