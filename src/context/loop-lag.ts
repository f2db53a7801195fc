import type { Clock, Timer } from './clock.ts';

/**
 * Knows whether our own event loop was late. A timeout that ran out while we were not listening says nothing about
 * the source, so nothing is held against it.
 */

/** How often the loop is expected to come by. */
const BEAT_MS = 50;

export class LoopLag {
  private readonly clock: Clock;
  private readonly lateMs: number;
  private timer: Timer | undefined;
  private lastBeatAt: number;
  private lastLateAt = -Infinity;

  /** @param lateMs from which delay on the loop counts as late */
  constructor(clock: Clock, lateMs = 100) {
    this.clock = clock;
    this.lateMs = lateMs;
    this.lastBeatAt = clock.now();
  }

  start(): void {
    this.lastBeatAt = this.clock.now();
    this.schedule();
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Whether the loop was late at any time since `sinceMs` (a `clock.now()` of the past), the present included. */
  wasLateSince(sinceMs: number): boolean {
    return this.lastLateAt >= sinceMs || this.isLate(this.clock.now());
  }

  private isLate(now: number): boolean {
    return this.timer !== undefined && now - this.lastBeatAt > BEAT_MS + this.lateMs;
  }

  private schedule(): void {
    this.timer = this.clock.setTimeout(() => this.beat(), BEAT_MS);
    if (typeof this.timer === 'object') this.timer.unref();
  }

  private beat(): void {
    const now = this.clock.now();
    if (this.isLate(now)) this.lastLateAt = now;
    this.lastBeatAt = now;
    this.schedule();
  }
}
