import { EmptyError, type Subscription } from 'rxjs';
import type { Clock, Timer } from '../../context/clock.ts';
import { RefusedError } from '../../errors/errors.ts';
import { Attempt } from '../call/attempt.ts';
import { consequenceOf } from '../failure-policy.ts';
import { attempted, type Flow } from '../flow.ts';
import type { Fetched, OutboundCall, OutboundHandler } from '../outbound.interceptor.ts';

/** How long the loser may go on, so that an answer that is almost there does not cost its connection. */
const LOSER_DRAIN_MS = 50;
/** A timer may run this much early. */
const TICK_MS = 1;

interface Runner {
  readonly attempt: Attempt;
  subscription: Subscription | undefined;
  isRunning: boolean;
}

/**
 * A first attempt, and maybe a second one beside it: the first good answer wins, an answer that is a plain no ends it,
 * and a failure waits for the other one.
 */
export class HedgeRace<T> {
  private readonly call: OutboundCall<T>;
  private readonly next: OutboundHandler;
  private readonly flow: Flow<Fetched<T>>;
  private readonly clock: Clock;
  private readonly runners: Runner[] = [];
  private timer: Timer | undefined;
  private firstError: unknown;
  private isOver = false;

  constructor(call: OutboundCall<T>, next: OutboundHandler, flow: Flow<Fetched<T>>, clock: Clock) {
    this.call = call;
    this.next = next;
    this.flow = flow;
    this.clock = clock;
  }

  /**
   * @param delayMs from when the first attempt is sent: it may stand in line before
   * @param mayHedge asked, and paid, when the time has come
   */
  start(delayMs: number, mayHedge: () => boolean): void {
    this.flow.onEnd(() => this.stop());
    this.hedgeIn(delayMs, delayMs, mayHedge);
    this.run(this.call);
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
    this.run({ ...this.call, attempt: new Attempt('hedge') });
  }

  private run(call: OutboundCall<T>): void {
    const runner: Runner = { attempt: call.attempt, subscription: undefined, isRunning: true };
    this.runners.push(runner);
    runner.subscription = attempted(() => this.next.handle(call)).subscribe({
      next: (fetched) => this.won(runner, fetched),
      error: (error: unknown) => this.failed(runner, error),
      complete: () => runner.isRunning && this.failed(runner, new EmptyError()),
    });
  }

  private won(runner: Runner, fetched: Fetched<T>): void {
    runner.isRunning = false;
    if (this.isOver) return;
    this.isOver = true;
    for (const loser of this.runners) if (loser.isRunning) this.drain(loser);
    this.flow.next(fetched);
  }

  private failed(runner: Runner, error: unknown): void {
    runner.isRunning = false;
    if (this.isOver) return;
    // What we refused ourselves says less than what the source did.
    if (this.firstError === undefined || this.firstError instanceof RefusedError)
      this.firstError = error;
    const isFinal = consequenceOf(error).verdict === 'success';
    if (isFinal) this.flow.error(error);
    else if (!this.runners.some(({ isRunning }) => isRunning)) this.flow.error(this.firstError);
  }

  private drain(loser: Runner): void {
    loser.attempt.isAbandoned = true;
    const timer = this.clock.setTimeout(() => loser.subscription?.unsubscribe(), LOSER_DRAIN_MS);
    loser.subscription?.add(() => this.clock.clearTimeout(timer));
  }

  /** Nobody waits any more, for whatever reason. */
  private stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    // Once there is a winner the loser is on a clock of its own.
    if (this.isOver) return;
    this.isOver = true;
    for (const { subscription } of this.runners) subscription?.unsubscribe();
  }
}
