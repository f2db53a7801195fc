import type { Clock } from '../context/clock.ts';

const WINDOW_MS = 1_000;

/** So many lines a second, and then a number instead: a flood must not become another one in the log. */
export class LineBudget {
  private readonly clock: Clock;
  private readonly perSecond: number;
  private readonly onLeftOut: (count: number) => void;
  private windowEndsAt = -Infinity;
  private written = 0;
  private leftOut = 0;

  /** @param onLeftOut told at the end of a second in which some lines had no room */
  constructor(clock: Clock, perSecond: number, onLeftOut: (count: number) => void) {
    this.clock = clock;
    this.perSecond = perSecond;
    this.onLeftOut = onLeftOut;
  }

  /** Whether there is room for a line. */
  take(): boolean {
    const now = this.clock.now();
    if (now >= this.windowEndsAt) {
      this.windowEndsAt = now + WINDOW_MS;
      this.written = 0;
    }
    if (this.written < this.perSecond) {
      this.written += 1;
      return true;
    }
    if (this.leftOut === 0) this.tellLater(this.windowEndsAt - now);
    this.leftOut += 1;
    return false;
  }

  private tellLater(inMs: number): void {
    const timer = this.clock.setTimeout(() => {
      const { leftOut } = this;
      this.leftOut = 0;
      this.onLeftOut(leftOut);
    }, inMs);
    // Nobody stays for a number.
    if (typeof timer === 'object') timer.unref();
  }
}
