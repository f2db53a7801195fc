import type { Clock } from '../../context/clock.ts';

/**
 * How many attempts a source can carry, found out: one more for every round without trouble while the room is used, a
 * tenth less at the first sign of too much. Additive increase, multiplicative decrease, as TCP does it.
 */

const START = 20;
/** Enough to notice when the source is well again. */
const FLOOR = 4;
const DECREASE = 0.9;

export class AdaptiveLimit {
  private readonly max: number;
  private readonly clock: Clock;
  private exact: number;
  /** A round is over when an attempt ends that was sent within it. */
  private roundBeganAt = -Infinity;

  /** @param max never above it */
  constructor(max: number, clock: Clock) {
    this.max = max;
    this.clock = clock;
    this.exact = Math.min(START, max);
  }

  /** Attempts at once, a whole number. */
  get current(): number {
    return Math.floor(this.exact);
  }

  /** An attempt was answered. @param inFlight this one included */
  answered(sentAt: number, inFlight: number): void {
    if (!this.endsRound(sentAt)) return;
    // Room that nobody uses says nothing of whether more would be too much.
    if (inFlight >= this.exact / 2) this.exact = Math.min(this.max, this.exact + 1);
  }

  /** An attempt was dropped. Those sent before the last cut are its reason still, and no reason for another one. */
  dropped(sentAt: number): void {
    if (!this.endsRound(sentAt)) return;
    this.exact = Math.min(this.max, Math.max(FLOOR, this.exact * DECREASE));
  }

  private endsRound(sentAt: number): boolean {
    if (sentAt < this.roundBeganAt) return false;
    this.roundBeganAt = this.clock.now();
    return true;
  }
}
