import type { Flight } from './flight.ts';

/** What makes two calls the same: the question, and on whose behalf it is asked. */
export class Question {
  readonly path: string;
  readonly audience: string;
  /** Where flights that answer it are found. */
  readonly bucket: number;

  constructor(path: string, audience: string) {
    this.path = path;
    this.audience = audience;
    this.bucket = (hashOf(path, 0) + hashOf(audience, 1)) & (BUCKETS - 1);
  }
}

/** A power of two, and as many as there may be flights without their chains being felt. */
const BUCKETS = 8_192;

/**
 * The flights under way, by their question. Not a Map and not an object: at some thousand comings and goings a second
 * both outgrow their tables again and again, and an old table that has been promoted keeps alive all that was ever in it
 * until a full collection: measured as 80 MB of dead calls. These buckets never move.
 */
export class Flights<T> {
  private readonly buckets: (Flight<T> | undefined)[] = Array.from(
    { length: BUCKETS },
    () => undefined,
  );

  /** The one that took off last. */
  find({ path, audience, bucket }: Question): Flight<T> | undefined {
    let flight = this.buckets[bucket];
    while (flight !== undefined) {
      const { question } = flight;
      if (question.path === path && question.audience === audience) return flight;
      flight = flight.below;
    }
    return undefined;
  }

  add(flight: Flight<T>): void {
    const { bucket } = flight.question;
    flight.below = this.buckets[bucket];
    this.buckets[bucket] = flight;
  }

  /** Safe for one that is not here. */
  remove(flight: Flight<T>): void {
    const { bucket } = flight.question;
    let above = this.buckets[bucket];
    if (above === flight) this.buckets[bucket] = flight.below;
    else {
      while (above !== undefined && above.below !== flight) above = above.below;
      if (above !== undefined) above.below = flight.below;
    }
    flight.below = undefined;
  }
}

/** The end of a path says most; whoever chooses it can make a chain longer, never longer than what is in flight. */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let at = Math.max(0, text.length - 24); at < text.length; at += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}
