/**
 * For how long this process was not served, or busy with something else: what waits for a turn of its loop, the service
 * and its callers included, waited that much longer.
 */

const BEAT_MS = 1;
/** Of every turn of the loop a beat does not count as late, and a busy loop's turns are short: that much is not seen. */
const UNSEEN_SHARE = 0.5;

export class Lateness {
  private total = 0;
  private lastBeatAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      this.total = this.seenMs();
      this.lastBeatAt = performance.now();
    }, BEAT_MS);
  }

  /** Since the start, in ms. */
  soFarMs(): number {
    return this.seenMs() * (1 + UNSEEN_SHARE);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private seenMs(): number {
    return this.total + Math.max(0, performance.now() - this.lastBeatAt - BEAT_MS);
  }
}
