import { WELL } from '../faults/scenarios.ts';
import { at, listenAll, threeSources } from '../faults/source.ts';
import type { SoakFault } from './schedule.ts';

/** The three sources of a soak, in a process of their own: say where they listen, and play a `Play`. */

export interface Play {
  readonly faults: readonly SoakFault[];
  /** When their time begins, in `Date.now()` ms. */
  readonly from: number;
}

const sources = threeSources();

process.on('disconnect', () => process.exit(0));
process.on('message', ({ faults, from }: Play) => {
  for (const fault of faults) {
    const faulty = sources[fault.source].instances.slice(0, fault.instances);
    at(from + fault.from, () => faulty.forEach((each) => each.become(fault.behaviour)));
    at(from + fault.to, () => faulty.forEach((each) => each.become(WELL)));
  }
});
process.send?.(await listenAll(sources));
