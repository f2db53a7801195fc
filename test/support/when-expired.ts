import type { DeadlineWaiter } from '../../src/context/deadline.ts';

/** Runs something when the time is up. Returns what takes that back. */
export function whenExpired(
  deadline: { watch(waiter: DeadlineWaiter): void; unwatch(waiter: DeadlineWaiter): void },
  run: () => void,
): () => void {
  const waiter = { expired: run };
  deadline.watch(waiter);
  return () => deadline.unwatch(waiter);
}
