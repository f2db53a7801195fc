/**
 * What an instance takes to answer, with an eye on its worst: a slow sample counts at once and in full as soon as the
 * next one confirms it, faster ones pull it down over `TAU_MS`. Without any sample it falls too, so that who was slow
 * once is asked again. One slow sample alone is chance (a new connection, a collection of garbage), and with little
 * traffic to disprove it, it would cost an instance its traffic for half a minute.
 */

/** As in Finagle and tower. */
const TAU_MS = 10_000;

export class PeakEwma {
  private peakMs: number | undefined;
  /** When the peak was last touched, in `clock.now()` ms. */
  private at = 0;
  /** What the next one is to confirm. */
  private lastMs: number | undefined;

  /** As of the last sample; undefined while there is none. */
  get latestMs(): number | undefined {
    return this.peakMs ?? this.lastMs;
  }

  /** As of now; undefined while no two samples are known. */
  currentMs(now: number): number | undefined {
    return this.peakMs === undefined ? undefined : this.peakMs * this.left(now);
  }

  /** An answer took this long. */
  record(sampleMs: number, now: number): void {
    const { peakMs, lastMs } = this;
    this.lastMs = sampleMs;
    if (lastMs === undefined) return;
    const confirmedMs = Math.min(sampleMs, lastMs);
    this.peakMs =
      peakMs === undefined || confirmedMs >= peakMs
        ? confirmedMs
        : confirmedMs + (peakMs - confirmedMs) * this.left(now);
    this.at = now;
  }

  /** It would have taken at least this long. @param usualMs what is expected while it is unknown */
  raise(leastMs: number, now: number, usualMs = Infinity): void {
    const expectedMs = this.currentMs(now) ?? usualMs;
    // Less than what was expected anyway is no news.
    if (leastMs <= expectedMs) return;
    const confirmedMs = Math.min(leastMs, this.lastMs ?? 0);
    this.lastMs = leastMs;
    if (confirmedMs <= expectedMs) return;
    this.peakMs = confirmedMs;
    this.at = now;
  }

  forget(): void {
    this.peakMs = undefined;
    this.lastMs = undefined;
  }

  private left(now: number): number {
    return Math.exp((this.at - now) / TAU_MS);
  }
}
