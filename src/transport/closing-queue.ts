import type { Clock } from '../context/clock.ts';

/**
 * Sockets to close, some a turn of the event loop. Closing thousands at once, as when a burst of deadlines expires,
 * takes longer than the answers that are due meanwhile can wait. Alone in the loop, one is closed as soon as the poll
 * is over; in a busy one closing gets a share of the time, so that it keeps up with any load.
 */

/** A turn closes for at least so long … */
const LEAST_MS = 2;
/** … and at most for this share of the time since it last did. */
const SHARE = 0.25;

export class ClosingQueue {
  private readonly clock: Clock;
  private waiting: (() => void)[] = [];
  /** The next of those that wait. */
  private next = 0;
  private lastAt = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs `close` after the next poll, or a later one. */
  add(close: () => void): void {
    if (this.waiting.push(close) > 1) return;
    this.lastAt = this.clock.now();
    this.clock.afterPoll(this.turn);
  }

  private readonly turn = (): void => {
    const startedAt = this.clock.now();
    const until = startedAt + Math.max(LEAST_MS, SHARE * (startedAt - this.lastAt));
    do {
      const close = this.waiting[this.next];
      this.next += 1;
      close?.();
    } while (this.next < this.waiting.length && this.clock.now() < until);
    this.lastAt = this.clock.now();
    if (this.next < this.waiting.length) this.clock.afterPoll(this.turn);
    else {
      this.waiting = [];
      this.next = 0;
    }
  };
}
