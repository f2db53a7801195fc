import { WELL, type Change, type SourceName } from './scenarios.ts';
import { at, listenAll, threeSources } from './source.ts';

/**
 * The three sources of one contender, in a process of their own. Says where they listen (`Addresses`); is told of a
 * `Fault`, and afterwards asked what `Reached` the source.
 */

export interface Fault {
  readonly source: SourceName;
  readonly instances: number;
  /** In `Date.now()` ms. */
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Change[];
}

export interface Reached {
  /** When, in `Date.now()` ms, requests arrived at the source … */
  readonly source: readonly number[];
  /** … and at those of its instances that were at fault. */
  readonly faulty: readonly number[];
  /** Most requests that the source had under way during the fault. */
  readonly mostInFlight: number;
}

const sources = threeSources();

function play({ source: name, instances, from, to, changes }: Fault): void {
  const source = sources[name];
  const faulty = source.instances.slice(0, instances);
  at(from - 1, () => (source.mostInFlight = 0));
  for (const change of changes)
    at(from + change.at * 1_000, () => faulty.forEach((each) => each.become(change.behaviour)));
  let mostInFlight = 0;
  at(to, () => {
    mostInFlight = source.mostInFlight;
    faulty.forEach((each) => each.become(WELL));
  });
  process.once('message', () =>
    process.send?.({
      source: source.instances.flatMap(({ arrivals }) => arrivals),
      faulty: faulty.flatMap(({ arrivals }) => arrivals),
      mostInFlight,
    } satisfies Reached),
  );
}

process.on('disconnect', () => process.exit(0));
process.once('message', (fault: Fault) => {
  play(fault);
  process.send?.({});
});
process.send?.(await listenAll(sources));
