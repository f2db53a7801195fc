import type { Clock } from '../context/clock.ts';
import { Fifo } from '../context/fifo.ts';

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
  private readonly waiting = new Fifo<() => void>();
  private lastAt = 0;
  private isTurnComing = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs `close` after the next poll, or a later one. */
  add(close: () => void): void {
    this.waiting.push(close);
    if (this.isTurnComing) return;
    this.isTurnComing = true;
    this.lastAt = this.clock.now();
    this.clock.afterPoll(this.turn);
  }

  private readonly turn = (): void => {
    const startedAt = this.clock.now();
    const until = startedAt + Math.max(LEAST_MS, SHARE * (startedAt - this.lastAt));
    do this.waiting.shift()?.();
    while (this.waiting.length > 0 && this.clock.now() < until);
    this.lastAt = this.clock.now();
    this.isTurnComing = this.waiting.length > 0;
    if (this.isTurnComing) this.clock.afterPoll(this.turn);
  };
}
