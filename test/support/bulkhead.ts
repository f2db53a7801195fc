import type { RefusedError } from '../../src/errors/errors.ts';
import { Bulkhead, type Place } from '../../src/outbound/bulkhead/bulkhead.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Longer than anybody waits in these tests. */
export const LONG_MS = 10_000;

/** A bulkhead in virtual time, and what each who entered has heard. */
export function bulkheadOf(maxConcurrent: number, maxQueue = 50, maxQueueWaitMs = 75) {
  const clock = new VirtualClock();
  const bulkhead = new Bulkhead({ maxConcurrent, maxQueue, maxQueueWaitMs }, clock);
  const heard: string[] = [];
  /** Enters under a name; what it hears ends up in `heard`. */
  const enter = (name: string, leftMs = LONG_MS, granted: () => void = () => undefined): Place => {
    const endsAt = clock.now() + leftMs;
    return bulkhead.enter(
      { leftMs: () => endsAt - clock.now() },
      {
        granted: () => {
          heard.push(`${name} granted`);
          granted();
        },
        refused: ({ code }: RefusedError) => heard.push(`${name} ${code}`),
      },
    );
  };
  return { clock, bulkhead, heard, enter };
}
