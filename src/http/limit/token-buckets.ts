import { BoundedMap } from '../../context/bounded-map.ts';
import type { Clock } from '../../context/clock.ts';

/** What one caller may ask for. */
export interface Rate {
  readonly perSecond: number;
  /** How many at once: what a full bucket holds. */
  readonly burst: number;
}

export interface Allowance {
  readonly isGranted: boolean;
  /** How many more may come at once. */
  readonly remaining: number;
  /** Granted: until the bucket is full again. Else: until the next one is granted. */
  readonly waitMs: number;
}

/** Beyond that the bucket that was used longest ago is forgotten, which is as good as full. */
const MAX_CALLERS = 100_000;

/**
 * A token bucket a caller, each kept as one number: the time at which it is full again (GCRA). A bucket that was not
 * used for long needs no timer to fill it, and what is refused costs nothing.
 */
export class TokenBuckets {
  private readonly clock: Clock;
  private readonly burst: number;
  private readonly gapMs: number;
  private readonly fullAt = new BoundedMap<string, number>(MAX_CALLERS);

  constructor({ perSecond, burst }: Rate, clock: Clock) {
    this.clock = clock;
    this.burst = burst;
    this.gapMs = 1000 / perSecond;
  }

  /** @param key of the caller; hashed */
  take(key: string): Allowance {
    const now = this.clock.now();
    const fullAt = Math.max(now, this.fullAt.get(key) ?? 0) + this.gapMs;
    const spareMs = now + this.burst * this.gapMs - fullAt;
    if (spareMs < -ROUNDING_MS)
      return { isGranted: false, remaining: 0, waitMs: wholeMs(-spareMs) };
    this.fullAt.set(key, fullAt);
    const remaining = Math.floor((spareMs + ROUNDING_MS) / this.gapMs);
    return { isGranted: true, remaining, waitMs: wholeMs(fullAt - now) };
  }
}

/** Sums of fractions come out a little short, or a little long. */
const ROUNDING_MS = 0.001;

const wholeMs = (ms: number): number => Math.ceil(ms - ROUNDING_MS);
