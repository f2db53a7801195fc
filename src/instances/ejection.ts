/**
 * Whether an instance fails so much that it is left out for a while: five times in a row, or more often than not. Each
 * time it is for longer, until it has been well for long. No timer: who asks says what time it is.
 */

const FAILURES_IN_ROW = 5;
const LEAST_VERDICTS = 10;
const LEAST_SUCCESS = 0.5;
const STEP_MS = 5_000;
const LONGEST_MS = 60_000;
/** As long without an ejection takes one off the count. */
const WELL_MS = 60_000;
/** How far back successes and failures are counted. */
const SECONDS = 5;

export class Ejection {
  private readonly verdicts = new RecentVerdicts();
  private failuresInRow = 0;
  private endsAt: number | undefined;
  /** Ejections that are still held against it. */
  private times = 0;
  private wellSince = 0;

  /** When it may return, in `clock.now()` ms; undefined unless ejected. */
  get until(): number | undefined {
    return this.endsAt;
  }

  answered(now: number): void {
    this.failuresInRow = 0;
    this.verdicts.record(true, now);
  }

  failed(now: number): void {
    this.failuresInRow += 1;
    this.verdicts.record(false, now);
  }

  /** Whether what was seen since it was last ejected is reason to eject it. */
  isDue(now: number): boolean {
    if (this.endsAt !== undefined) return false;
    return this.failuresInRow >= FAILURES_IN_ROW || this.verdicts.areBad(now);
  }

  /** @returns for how long, in ms */
  begin(now: number): number {
    const forgiven = Math.floor((now - this.wellSince) / WELL_MS);
    this.times = Math.max(0, this.times - forgiven) + 1;
    const forMs = Math.min(this.times * STEP_MS, LONGEST_MS);
    this.endsAt = now + forMs;
    return forMs;
  }

  /** It is back, with nothing held against it but how often it was ejected. @param at since when */
  end(at: number): void {
    this.endsAt = undefined;
    this.wellSince = at;
    this.failuresInRow = 0;
    this.verdicts.clear();
  }
}

/** How many attempts of the last seconds went well and how many did not, second by second. */
class RecentVerdicts {
  private readonly good = new Uint32Array(SECONDS);
  private readonly bad = new Uint32Array(SECONDS);
  /** The one that is counted now, since the clock's start. */
  private second = 0;

  record(isGood: boolean, now: number): void {
    this.turn(now);
    const counts = isGood ? this.good : this.bad;
    const slot = this.second % SECONDS;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }

  /** Enough of them, and fewer than half are good. */
  areBad(now: number): boolean {
    this.turn(now);
    const good = sum(this.good);
    const total = good + sum(this.bad);
    return total >= LEAST_VERDICTS && good < total * LEAST_SUCCESS;
  }

  clear(): void {
    this.good.fill(0);
    this.bad.fill(0);
  }

  private turn(now: number): void {
    const second = Math.floor(now / 1_000);
    const passed = Math.min(second - this.second, SECONDS);
    for (let back = 0; back < passed; back += 1) {
      const slot = (second - back) % SECONDS;
      this.good[slot] = 0;
      this.bad[slot] = 0;
    }
    this.second = second;
  }
}

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);
