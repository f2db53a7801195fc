import type { BreakerState, Frame } from '../console.contract.ts';
import { duration } from './format.ts';
import { WINDOW_MS } from './history.ts';
import { BREAKER_WORDS } from './words.ts';

/** A stretch of time in which the breaker stayed as it was; times in ms since 1970. */
export interface Stretch {
  readonly state: BreakerState;
  readonly from: number;
  readonly until: number;
}

/** What the breaker of a source was in the last two minutes, oldest first, without gaps where something is known. */
export function stretchesOf(frames: readonly Frame[], source: string): readonly Stretch[] {
  const last = frames.at(-1);
  if (last === undefined) return [];
  const stretches: Stretch[] = [];
  let [state, from] = [undefined as BreakerState | undefined, 0];
  const become = (next: BreakerState, at: number): void => {
    if (next === state) return;
    if (state !== undefined && at > from) stretches.push({ state, from, until: at });
    [state, from] = [next, at];
  };
  for (const frame of frames) {
    const breaker = frame.sources[source]?.breaker;
    if (breaker === undefined) continue;
    const beginsAt = frame.at - frame.spanMs;
    // What it was before its first change is not told: something else than it became.
    if (state === undefined) become(before(breaker.changes[0]?.to) ?? breaker.state, beginsAt);
    for (const change of breaker.changes) become(change.to, Math.max(change.at, beginsAt));
    become(breaker.state, frame.at);
  }
  if (state !== undefined) stretches.push({ state, from, until: last.at });
  const oldest = last.at - WINDOW_MS;
  return stretches
    .filter(({ until }) => until > oldest)
    .map((stretch) => ({ ...stretch, from: Math.max(oldest, stretch.from) }));
}

/** `open 12 s ago for 4 s, then half-open, …`: the band for who does not see it. */
export function bandInWords(stretches: readonly Stretch[], now: number): string {
  const troubled = stretches.filter(({ state }) => state !== 'closed');
  if (troubled.length === 0) return 'closed for the last two minutes';
  return troubled
    .slice(-6)
    .map(
      ({ state, from, until }) =>
        `${BREAKER_WORDS[state]} for ${duration(until - from)}, ${duration(now - from)} ago`,
    )
    .join('; ');
}

/** The only state from which this one is reached first. */
function before(to: BreakerState | undefined): BreakerState | undefined {
  if (to === undefined) return undefined;
  if (to === 'half_open') return 'open';
  return to === 'open' ? 'closed' : 'half_open';
}
