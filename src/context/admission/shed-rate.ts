import type { Clock } from '../clock.ts';

/**
 * Whether so much is turned away that the load balancer had better look elsewhere. The times of the latest sheds are
 * in a ring: if the one that has to make room is young, there were too many. No timer: time alone ends it.
 */

/** More than so many … */
const MANY = 100;
/** … within so long … */
const WITHIN_MS = 5_000;
/** … and it is said for so long. */
const HOLD_MS = 10_000;

export class ShedRate {
  private readonly clock: Clock;
  private readonly times = new Float64Array(MANY).fill(-Infinity);
  private next = 0;
  private until = -Infinity;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get isHigh(): boolean {
    return this.clock.now() < this.until;
  }

  /** One more was turned away. */
  count(): void {
    const now = this.clock.now();
    const oldest = this.times[this.next] ?? -Infinity;
    if (now - oldest < WITHIN_MS) this.until = now + HOLD_MS;
    this.times[this.next] = now;
    this.next = (this.next + 1) % MANY;
  }
}
