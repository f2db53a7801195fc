import type { DeadlineWaiter } from '../../src/context/deadline.ts';
import type { CallDeadline } from '../../src/outbound/call/call-context.ts';

/** The same deadline, and who waits at it. */
export function countedDeadline(counted: CallDeadline) {
  const waiting = new Set<DeadlineWaiter>();
  const deadline: CallDeadline = {
    answerAt: counted.answerAt,
    leftMs: () => counted.leftMs(),
    watch: (waiter) => {
      waiting.add(waiter);
      counted.watch(waiter);
    },
    unwatch: (waiter) => {
      waiting.delete(waiter);
      counted.unwatch(waiter);
    },
  };
  return { deadline, waiting };
}
