import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import type { Clock, Timer } from './clock.ts';
import { Crowd } from './crowd.ts';

/** Share of the whole time by which a crowd may make it shorter at most. */
const MOST_EARLIER = 0.3;
/** A timer is set again only if it came by more than this too early. */
const WORTH_WAITING_MS = 5;

/** Somebody who is to hear of it when the time is up. */
export interface DeadlineWaiter {
  expired(): void;
}

/**
 * The one deadline of a request: one monotonic timestamp, and one timer however many legs, queues and attempts wait
 * for it. When it comes, the innermost waiter hears of it first, so that an attempt can say "timeout" to the breaker
 * before the layers above it give the call up.
 */
export class Deadline implements SchedulerLike {
  /** When the request arrived, in `clock.now()` ms. */
  readonly arrivedAt: number;
  /** What the caller was promised, in ms from the arrival to the last byte. */
  readonly totalMs: number;
  /** When the answer is put together from what is there: the total less the reserve for joining and writing. */
  readonly answerAt: number;

  private readonly clock: Clock;
  private readonly crowd: Crowd;
  // An array: they are a handful, and mostly the last to come is the first to leave.
  private readonly waiting: DeadlineWaiter[] = [];
  /** The first one to come; each knows the next. */
  private guards: ExpiryAction | undefined;
  private lastGuard: ExpiryAction | undefined;
  private timer: Timer | undefined;

  /**
   * @param reserveMs kept for joining and writing; never more than half of a short deadline
   * @param crowd of all requests under way
   */
  constructor(
    clock: Clock,
    arrivedAt: number,
    totalMs: number,
    reserveMs: number,
    crowd = new Crowd(),
  ) {
    this.clock = clock;
    this.crowd = crowd;
    this.arrivedAt = arrivedAt;
    this.totalMs = totalMs;
    this.answerAt = arrivedAt + totalMs - Math.min(reserveMs, totalMs / 2);
  }

  elapsedMs(): number {
    return this.clock.now() - this.arrivedAt;
  }

  /** Ms until the answer is put together; negative when that time has passed. */
  leftMs(): number {
    return this.answerAt - this.clock.now();
  }

  /** Told once at `answerAt`, the latest to come first. */
  watch(waiter: DeadlineWaiter): void {
    this.waiting.push(waiter);
    this.arm();
  }

  /** Not told any more. Safe for one that is not waiting. */
  unwatch(waiter: DeadlineWaiter): void {
    remove(this.waiting, waiter);
  }

  now(): number {
    return this.clock.now();
  }

  /** For rxjs' `timeout`: whatever the delay, it comes due at `answerAt`, after all who `watch` were told. */
  schedule<T>(work: (this: SchedulerAction<T>, state: T) => void): Subscription {
    // Scheduled without a state, by `timeout` as by everything else that comes here.
    const action = new ExpiryAction(work as Work);
    if (this.lastGuard === undefined) this.guards = action;
    else this.lastGuard.next = action;
    this.lastGuard = action;
    this.arm();
    return action;
  }

  /** The request is over: no callback runs any more and no timer is left behind. */
  dispose(): void {
    this.waiting.length = 0;
    this.guards = this.lastGuard = undefined;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.disarm();
  }

  private arm(): void {
    if (this.timer !== undefined) return;
    this.crowd.size += 1;
    this.setTimer();
  }

  private disarm(): void {
    if (this.timer === undefined) return;
    this.timer = undefined;
    this.crowd.size -= 1;
  }

  private setTimer(): void {
    const afterMs = Math.max(0, this.waitMs());
    this.timer = this.clock.setTimeout(() => this.clock.afterPoll(() => this.comeDue()), afterMs);
  }

  /** Until it expires, as things are. */
  private waitMs(): number {
    return this.leftMs() - this.crowd.earlierMs(this.totalMs * MOST_EARLIER);
  }

  private comeDue(): void {
    if (this.timer === undefined) return;
    if (this.waitMs() > WORTH_WAITING_MS) this.setTimer();
    else this.expire();
  }

  private expire(): void {
    this.disarm();
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop())
      next.expired();
    for (let guard = this.guards; guard !== undefined; guard = this.guards) {
      this.guards = guard.next;
      if (this.guards === undefined) this.lastGuard = undefined;
      guard.run();
    }
  }
}

/** The latest of its kind. By hand: `lastIndexOf`, `splice` and `copyWithin` take 3 µs a request. */
function remove<T>(list: T[], item: T): void {
  let at = list.length - 1;
  while (at >= 0 && list[at] !== item) at -= 1;
  if (at < 0) return;
  const last = list.length - 1;
  for (; at < last; at += 1) list[at] = list[at + 1] ?? item;
  list.pop();
}

type Work = (this: SchedulerAction<unknown>, state: unknown) => void;

/** What rxjs holds for a scheduled timeout: once it is taken back it does nothing, and is let go of with its deadline. */
class ExpiryAction extends Subscription implements SchedulerAction<unknown> {
  next: ExpiryAction | undefined;
  private readonly work: Work;

  constructor(work: Work) {
    super();
    this.work = work;
  }

  run(): void {
    if (!this.closed) this.work(undefined);
  }

  schedule(): Subscription {
    return this;
  }
}
