import { INSTANCES, USUAL_MS, type Behaviour, type SourceName } from '../faults/scenarios.ts';

/** Which fault comes when, from a seed: the same faults in the same places in every run. */

export interface SoakFault {
  /** In ms after the start. */
  readonly from: number;
  readonly to: number;
  readonly source: SourceName;
  /** How many of its instances are at fault; the first ones. */
  readonly instances: number;
  readonly behaviour: Behaviour;
}

const SOURCES: readonly SourceName[] = ['user', 'orders', 'recommendations'];

const BEHAVIOURS: readonly Behaviour[] = [
  { kind: 'answers', afterMs: 400, errorShare: 0 },
  { kind: 'answers', afterMs: 3_000, errorShare: 0 },
  { kind: 'answers', afterMs: USUAL_MS, errorShare: 0.3 },
  { kind: 'answers', afterMs: USUAL_MS, errorShare: 1 },
  { kind: 'hangs' },
  { kind: 'dead' },
];

/** A fault lasts and a pause lasts as long as anything between these. */
const [SHORTEST_MS, LONGEST_MS] = [500, 5_000];

/** For each source one fault after the other, with pauses between; all is well again at the end. */
export function scheduleOf(seed: number, lengthMs: number): readonly SoakFault[] {
  const random = seededRandom(seed);
  const between = (): number => SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS);
  return SOURCES.flatMap((source) => {
    const faults: SoakFault[] = [];
    for (let from = between(); ;) {
      const to = from + between();
      if (to > lengthMs) return faults;
      faults.push({
        from,
        to,
        source,
        instances: 1 + Math.floor(random() * INSTANCES),
        behaviour: pick(BEHAVIOURS, random),
      });
      from = to + between();
    }
  });
}

function pick<T>(choices: readonly T[], random: () => number): T {
  const choice = choices[Math.floor(random() * choices.length)];
  if (choice === undefined) throw new RangeError('nothing to pick from');
  return choice;
}

/** Numbers from 0 to just below 1 that only look like chance (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
