import type { Clock, Timer } from '../clock.ts';

/**
 * How late the event loop is, as a request meets it: the lateness of the last second's beats, each weighted with the
 * time it took. A lifetime's mean says nothing of now; the greatest value would take one pause of 0.25 s (the garbage
 * collector, a busy neighbour) for overload and turn a whole second's requests away. Here one pause has to be long:
 * 0.45 s weighs as much as 0.2 s all the time.
 */

/** How often the loop is expected to come by. */
const BEAT_MS = 20;
const WINDOW_MS = 1_000;

/** From one beat to the next, when that one was late. */
interface Gap {
  readonly from: number;
  readonly until: number;
  readonly lateMs: number;
}

export class LoopDelay {
  private readonly clock: Clock;
  private readonly late: Gap[] = [];
  private timer: Timer | undefined;
  private lastBeatAt = 0;
  private atLastBeatMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  start(): void {
    this.lastBeatAt = this.clock.now();
    this.schedule();
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.late.length = 0;
    this.atLastBeatMs = 0;
  }

  /** In ms; a pause that is still going on counts. 0 while nothing is watched. @param now the clock's */
  currentMs(now: number): number {
    if (this.timer === undefined || now - this.lastBeatAt <= BEAT_MS) return this.atLastBeatMs;
    return this.meanMs(now) + weigh(this.gapUntil(now), now);
  }

  private schedule(): void {
    this.timer = this.clock.setTimeout(() => this.beat(), BEAT_MS);
    if (typeof this.timer === 'object') this.timer.unref();
  }

  private beat(): void {
    const now = this.clock.now();
    const gap = this.gapUntil(now);
    if (gap.lateMs > 0) this.late.push(gap);
    while (this.late[0] !== undefined && this.late[0].until <= now - WINDOW_MS) this.late.shift();
    this.lastBeatAt = now;
    this.atLastBeatMs = this.meanMs(now);
    this.schedule();
  }

  private gapUntil(now: number): Gap {
    return { from: this.lastBeatAt, until: now, lateMs: now - this.lastBeatAt - BEAT_MS };
  }

  private meanMs(now: number): number {
    let sum = 0;
    for (const gap of this.late) sum += weigh(gap, now);
    return sum;
  }
}

/** A gap's part in the mean: its lateness by its share of the window. */
const weigh = ({ from, until, lateMs }: Gap, now: number): number =>
  (lateMs * Math.max(0, until - Math.max(from, now - WINDOW_MS))) / WINDOW_MS;
