import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import type { Clock, Timer } from './clock.ts';

/** Somebody who is to hear of it when the time is up. */
export interface DeadlineWaiter {
  expired(): void;
}

/**
 * The one deadline of a request: one monotonic timestamp, and one timer however many legs, queues and attempts wait
 * for it. When it comes, the innermost waiter hears of it first, so that an attempt can say "timeout" to the breaker
 * before the layers above it give the call up.
 */
export class Deadline {
  /** When the request arrived, in `clock.now()` ms. */
  readonly arrivedAt: number;
  /** What the caller was promised, in ms from the arrival to the last byte. */
  readonly totalMs: number;
  /** When the answer is put together from what is there: the total less the reserve for joining and writing. */
  readonly answerAt: number;
  /** For rxjs' `timeout`: every schedule on it comes due at `answerAt`, after all who `watch` were told. */
  readonly scheduler: SchedulerLike;

  private readonly clock: Clock;
  // Arrays: they are a handful, and mostly the last to come is the first to leave.
  private readonly waiting: DeadlineWaiter[] = [];
  private readonly guards: (() => void)[] = [];
  private timer: Timer | undefined;

  /** @param reserveMs kept for joining and writing; never more than half of a short deadline */
  constructor(clock: Clock, arrivedAt: number, totalMs: number, reserveMs: number) {
    this.clock = clock;
    this.arrivedAt = arrivedAt;
    this.totalMs = totalMs;
    this.answerAt = arrivedAt + totalMs - Math.min(reserveMs, totalMs / 2);
    this.scheduler = {
      now: () => this.clock.now(),
      schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void) => this.guard<T>(work),
    };
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

  /** The request is over: no callback runs any more and no timer is left behind. */
  dispose(): void {
    this.waiting.length = 0;
    this.guards.length = 0;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private guard<T>(work: (this: SchedulerAction<T>, state: T) => void): Subscription {
    const action = new ExpiryAction<T>(() => remove(this.guards, run));
    // rxjs' timeout schedules without a state, and so does everything else that comes here.
    const run = (): void => work.call(action, undefined as T);
    this.guards.push(run);
    this.arm();
    return action;
  }

  private arm(): void {
    this.timer ??= this.clock.setTimeout(
      () => this.clock.afterPoll(() => this.expire()),
      Math.max(0, this.leftMs()),
    );
  }

  private expire(): void {
    this.timer = undefined;
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop())
      next.expired();
    for (let run = this.guards.shift(); run !== undefined; run = this.guards.shift()) run();
  }
}

function remove<T>(list: T[], item: T): void {
  if (list.at(-1) === item) return void list.pop();
  const at = list.lastIndexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** What rxjs holds for a scheduled timeout: a subscription that it can take back, nothing more. */
class ExpiryAction<T> extends Subscription implements SchedulerAction<T> {
  schedule(): Subscription {
    return this;
  }
}
