import type { Clock } from '../context/clock.ts';

/** For the log of what may happen thousands of times a second: the first has a line at once, the others are a number later. */
export class SparseLines {
  private readonly clock: Clock;
  private readonly quietMs: number;
  private lastLineAt = -Infinity;
  private untold = 0;

  /** @param quietMs between two lines */
  constructor(clock: Clock, quietMs: number) {
    this.clock = clock;
    this.quietMs = quietMs;
  }

  /** It happened. Returns how often since the last line where a line is due now. */
  happened(): number | undefined {
    this.untold += 1;
    const now = this.clock.now();
    if (now - this.lastLineAt < this.quietMs) return undefined;
    const { untold } = this;
    this.lastLineAt = now;
    this.untold = 0;
    return untold;
  }
}
