import { BUCKETS_SECONDS } from './metric-table.ts';

/** What is counted, as plain numbers: they become text when somebody asks for it. */

export class Count {
  count = 0;
}

/** How often, and how long it took. */
export class Timings {
  /** By bucket, not cumulated; the last one holds what is above every bound. */
  readonly counts: number[] = Array.from({ length: BUCKETS_SECONDS.length + 1 }, () => 0);
  count = 0;
  sumSeconds = 0;

  /** @param ms below 0 counts as 0 */
  record(ms: number): void {
    const seconds = Math.max(0, ms / 1_000);
    const bucket = bucketOf(seconds);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.count += 1;
    this.sumSeconds += seconds;
  }
}

function bucketOf(seconds: number): number {
  let bucket = 0;
  for (const bound of BUCKETS_SECONDS) {
    if (seconds <= bound) break;
    bucket += 1;
  }
  return bucket;
}
