/**
 * Those who wait for a deadline of theirs, in the whole process. When many expire at once, as with a source that hangs,
 * the last of them would be answered late by the time the others take. So the more there are, the earlier they expire;
 * as long as answers come in, their number falls and the time moves on again.
 */

/** So many are answered within the reserve. */
const FEW = 100;
/** What an answer takes to put together and write, in ms. */
const ANSWER_MS = 0.1;

export class Crowd {
  /** How many there are. */
  size = 0;

  /** How much earlier to expire, in ms. @param mostMs never more */
  earlierMs(mostMs: number): number {
    return Math.min(mostMs, Math.max(0, this.size - FEW) * ANSWER_MS);
  }
}
