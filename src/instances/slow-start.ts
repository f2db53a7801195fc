/**
 * The share of its weight that an instance gets which is new or back after an ejection: caches and pools are cold, and
 * whether it is well is not known yet. Never nothing, or it would never be known.
 */

const FLOOR = 0.1;
const GROWS_FOR_MS = 10_000;

/** 0.1 at first, 1 after 10 s, on a straight line. */
export function shareAfter(sinceStartMs: number): number {
  return sinceStartMs >= GROWS_FOR_MS ? 1 : FLOOR + (1 - FLOOR) * (sinceStartMs / GROWS_FOR_MS);
}
