import type { Clock } from '../../context/clock.ts';

/**
 * How long a source's answers took lately: a histogram with buckets that grow by a tenth, so that recording is one
 * increment and a quantile is at most a tenth off. Two halves take turns; the older one is forgotten every `HALF_MS`.
 */

const STEP = 1.1;
const GROWTH = Math.log(STEP);
/** Bucket 0 holds all below 1 ms; the last one all above 90 s. */
const BUCKETS = 121;
const HALF_MS = 15_000;
/** A quantile is read for every attempt and moves slowly: it is counted anew after this share of new answers. */
const STALE_SHARE = 1 / 256;

interface Reading {
  value: number;
  /** The count of recorded answers up to which it is good. */
  goodUntil: number;
}

export class RecentLatency {
  private readonly clock: Clock;
  private readonly readings = new Map<number, Reading>();
  private current = new Uint32Array(BUCKETS);
  private previous = new Uint32Array(BUCKETS);
  private inCurrent = 0;
  private inPrevious = 0;
  private recorded = 0;
  private since: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.since = clock.now();
  }

  /** How many answers it knows of, none older than 30 s. */
  get count(): number {
    this.turn();
    return this.inCurrent + this.inPrevious;
  }

  record(latencyMs: number): void {
    this.turn();
    const bucket =
      latencyMs < 1 ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(latencyMs) / GROWTH));
    this.current[bucket] = (this.current[bucket] ?? 0) + 1;
    this.inCurrent += 1;
    this.recorded += 1;
  }

  /** The lower edge of the quantile's bucket, in ms; 0 without any answer. @param quantile 0–1 */
  quantile(quantile: number): number {
    this.turn();
    const known = this.readings.get(quantile);
    if (known !== undefined && this.recorded <= known.goodUntil) return known.value;
    const value = this.read(quantile);
    const goodUntil = this.recorded + Math.floor((this.inCurrent + this.inPrevious) * STALE_SHARE);
    this.readings.set(quantile, { value, goodUntil });
    return value;
  }

  /** The upper edge of that bucket, at least 1: for who must not be early, as this share of the answers took no longer. */
  atMost(quantile: number): number {
    return Math.max(1, this.quantile(quantile) * STEP);
  }

  private read(quantile: number): number {
    const total = this.inCurrent + this.inPrevious;
    if (total === 0) return 0;
    let left = Math.max(1, Math.ceil(total * quantile));
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= (this.current[bucket] ?? 0) + (this.previous[bucket] ?? 0);
      if (left <= 0) return bucket === 0 ? 0 : Math.exp((bucket - 1) * GROWTH);
    }
    return 0;
  }

  private turn(): void {
    const passedMs = this.clock.now() - this.since;
    if (passedMs < HALF_MS) return;
    const forgetsAll = passedMs >= 2 * HALF_MS;
    this.previous = forgetsAll ? new Uint32Array(BUCKETS) : this.current;
    this.inPrevious = forgetsAll ? 0 : this.inCurrent;
    this.current = new Uint32Array(BUCKETS);
    this.inCurrent = 0;
    this.since += Math.floor(passedMs / HALF_MS) * HALF_MS;
    this.readings.clear();
  }
}
