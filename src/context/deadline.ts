import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import type { Clock, Timer } from './clock.ts';
import { Crowd } from './crowd.ts';

/** Share of the whole time by which a crowd may make it shorter at most. */
const MOST_EARLIER = 0.3;
/** A timer is set again only if it came by more than this too early. */
const WORTH_WAITING_MS = 5;

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
  /** For rxjs' `timeout`: every schedule on it comes due at `answerAt`, after all `onExpire` callbacks have run. */
  readonly scheduler: SchedulerLike;

  private readonly clock: Clock;
  private readonly crowd: Crowd;
  // Arrays: they are a handful, and mostly the last to come is the first to leave.
  private readonly waiting: (() => void)[] = [];
  private readonly guards: (() => void)[] = [];
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

  /** Calls `run` once at `answerAt`, the latest registered first. Returns what takes the registration back. */
  onExpire(run: () => void): () => void {
    this.waiting.push(run);
    this.arm();
    return () => remove(this.waiting, run);
  }

  /** The request is over: no callback runs any more and no timer is left behind. */
  dispose(): void {
    this.waiting.length = 0;
    this.guards.length = 0;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.disarm();
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
    this.timer = this.clock.setTimeout(() => this.clock.afterPoll(this.comeDue), afterMs);
  }

  /** Until it expires, as things are. */
  private waitMs(): number {
    return this.leftMs() - this.crowd.earlierMs(this.totalMs * MOST_EARLIER);
  }

  private readonly comeDue = (): void => {
    if (this.timer === undefined) return;
    if (this.waitMs() > WORTH_WAITING_MS) this.setTimer();
    else this.expire();
  };

  private expire(): void {
    this.disarm();
    for (let run = this.waiting.pop(); run !== undefined; run = this.waiting.pop()) run();
    for (let run = this.guards.shift(); run !== undefined; run = this.guards.shift()) run();
  }
}

function remove(list: (() => void)[], run: () => void): void {
  const at = list.lastIndexOf(run);
  if (at >= 0) list.splice(at, 1);
}

/** What rxjs holds for a scheduled timeout: a subscription that it can take back, nothing more. */
class ExpiryAction<T> extends Subscription implements SchedulerAction<T> {
  schedule(): Subscription {
    return this;
  }
}
