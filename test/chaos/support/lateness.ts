/**
 * For how long this process was not served, or busy with something else: what waits for a turn of its loop, the service
 * and its callers included, waited that much longer.
 */

const BEAT_MS = 1;

export class Lateness {
  private total = 0;
  private lastBeatAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      this.total = this.soFarMs();
      this.lastBeatAt = performance.now();
    }, BEAT_MS);
  }

  /** Since the start, in ms. */
  soFarMs(): number {
    return this.total + Math.max(0, performance.now() - this.lastBeatAt - BEAT_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
