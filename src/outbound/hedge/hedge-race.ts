import type { Clock, Timer } from '../../context/clock.ts';
import { RefusedError } from '../../errors/errors.ts';
import { Attempt } from '../call/attempt.ts';
import { consequenceOf } from '../failure-policy.ts';
import { Flow, Frame, type Caller } from '../flow.ts';
import {
  enter,
  type CallFlow,
  type Fetched,
  type OutboundCall,
  type OutboundHandler,
} from '../outbound.interceptor.ts';

/** How long the loser may go on, so that an answer that is almost there does not cost its connection. */
const LOSER_DRAIN_MS = 50;
/** A timer may run this much early. */
const TICK_MS = 1;

/**
 * A first attempt, and maybe a second one beside it: the first good answer wins, an answer that is a plain no ends it,
 * and a failure waits for the other one.
 */
export class HedgeRace<T> extends Frame<Fetched<T>> {
  private readonly call: OutboundCall<T>;
  private readonly flow: CallFlow<T>;
  private readonly next: OutboundHandler;
  private readonly clock: Clock;
  private readonly first: Runner<T>;
  private second: Runner<T> | undefined = undefined;
  private timer: Timer | undefined = undefined;
  private firstError: unknown = undefined;
  private isOver = false;

  constructor(call: OutboundCall<T>, flow: CallFlow<T>, next: OutboundHandler, clock: Clock) {
    super();
    this.call = call;
    this.flow = flow;
    this.next = next;
    this.clock = clock;
    this.first = new Runner(this, call.attempt, clock);
  }

  /**
   * @param delayMs from when the first attempt is sent: it may stand in line before
   * @param mayHedge asked, and paid, when the time has come
   */
  start(delayMs: number, mayHedge: () => boolean): void {
    this.flow.onEnd(this);
    this.hedgeIn(delayMs, delayMs, mayHedge);
    enter(this.next, this.call, this.first.flow);
  }

  /** Nobody waits any more, for whatever reason. */
  ended(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    // Once there is a winner the loser is on a clock of its own.
    if (this.isOver) return;
    this.isOver = true;
    this.first.stop();
    this.second?.stop();
  }

  won(runner: Runner<T>, fetched: Fetched<T>): void {
    if (this.isOver) return;
    this.isOver = true;
    const loser = runner === this.first ? this.second : this.first;
    if (loser?.isRunning === true) loser.drain(LOSER_DRAIN_MS);
    this.flow.next(fetched);
  }

  failed(error: unknown): void {
    if (this.isOver) return;
    // What we refused ourselves says less than what the source did.
    if (this.firstError === undefined || this.firstError instanceof RefusedError)
      this.firstError = error;
    const isFinal = consequenceOf(error).verdict === 'success';
    if (isFinal) this.flow.error(error);
    else if (!this.first.isRunning && this.second?.isRunning !== true)
      this.flow.error(this.firstError);
  }

  private hedgeIn(waitMs: number, delayMs: number, mayHedge: () => boolean): void {
    const due = (): void => {
      if (this.isOver) return;
      const { number, startedAt } = this.call.attempt;
      const leftMs = number === 0 ? delayMs : startedAt + delayMs - this.clock.now();
      if (leftMs >= TICK_MS) this.hedgeIn(leftMs, delayMs, mayHedge);
      else if (mayHedge()) this.hedge();
    };
    // After the poll: an answer that the kernel already holds needs no help.
    this.timer = this.clock.setTimeout(() => this.clock.afterPoll(due), waitMs);
  }

  private hedge(): void {
    // Now neither can be followed by another one, so neither is cut before the deadline.
    this.call.attempt.isLast = true;
    const attempt = new Attempt('hedge');
    this.second = new Runner(this, attempt, this.clock);
    enter(this.next, { ...this.call, attempt }, this.second.flow);
  }
}

/** One of the two attempts, with a flow of its own. */
class Runner<T> implements Caller<Fetched<T>> {
  readonly flow: CallFlow<T> = new Flow(this);
  isRunning = true;
  private readonly race: HedgeRace<T>;
  private readonly attempt: Attempt;
  private readonly clock: Clock;
  private drainTimer: Timer | undefined = undefined;

  constructor(race: HedgeRace<T>, attempt: Attempt, clock: Clock) {
    this.race = race;
    this.attempt = attempt;
    this.clock = clock;
  }

  next(fetched: Fetched<T>): void {
    this.over();
    this.race.won(this, fetched);
  }

  error(error: unknown): void {
    this.over();
    this.race.failed(error);
  }

  complete(): void {
    // The race has heard of it with the value.
  }

  /** The other one has won: it is worth no more than a little patience. */
  drain(forMs: number): void {
    this.attempt.isAbandoned = true;
    this.drainTimer = this.clock.setTimeout(() => this.stop(), forMs);
  }

  stop(): void {
    this.over();
    this.flow.unsubscribe();
  }

  private over(): void {
    this.isRunning = false;
    if (this.drainTimer !== undefined) this.clock.clearTimeout(this.drainTimer);
    this.drainTimer = undefined;
  }
}
