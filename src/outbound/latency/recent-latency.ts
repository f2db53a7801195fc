import type { Clock } from '../../context/clock.ts';

/**
 * How long a source's answers took lately: a histogram with buckets that grow by a tenth, so that recording is one
 * increment and a quantile is at most a tenth off. Two halves take turns; the older one is forgotten every `HALF_MS`.
 */

const GROWTH = Math.log(1.1);
/** Bucket 0 holds all below 1 ms; the last one all above 90 s. */
const BUCKETS = 121;
const HALF_MS = 15_000;

export class RecentLatency {
  private readonly clock: Clock;
  private current = new Uint32Array(BUCKETS);
  private previous = new Uint32Array(BUCKETS);
  private since: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.since = clock.now();
  }

  record(latencyMs: number): void {
    this.turn();
    const bucket =
      latencyMs < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(latencyMs) / GROWTH));
    this.current[bucket] = (this.current[bucket] ?? 0) + 1;
  }

  /** The lower edge of the quantile's bucket, in ms; 0 without any answer. @param quantile 0–1 */
  quantile(quantile: number): number {
    this.turn();
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) total += this.countIn(bucket);
    let left = Math.max(1, Math.ceil(total * quantile));
    if (total === 0) return 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.countIn(bucket);
      if (left <= 0) return bucket === 0 ? 0 : Math.exp((bucket - 1) * GROWTH);
    }
    return 0;
  }

  private countIn(bucket: number): number {
    return (this.current[bucket] ?? 0) + (this.previous[bucket] ?? 0);
  }

  private turn(): void {
    const passedMs = this.clock.now() - this.since;
    if (passedMs < HALF_MS) return;
    this.previous = passedMs < 2 * HALF_MS ? this.current : new Uint32Array(BUCKETS);
    this.current = new Uint32Array(BUCKETS);
    this.since += Math.floor(passedMs / HALF_MS) * HALF_MS;
  }
}
