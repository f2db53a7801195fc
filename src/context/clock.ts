/** Time as everything else in the service sees it: monotonic, in ms, and replaceable in tests. */

/** A running timer; only the clock that made it knows what is inside. */
export type Timer = NodeJS.Timeout | number;

export interface Clock {
  /** Monotonic ms since an arbitrary start. Wall-clock steps do not move it. */
  now(): number;
  setTimeout(run: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
  /**
   * Runs once the event loop has read what the kernel already holds: an answer that arrived while the loop was
   * late gets its turn before the timer that would have called it missing.
   */
  afterPoll(run: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  // Node cuts fractions off, which would fire early: round up.
  setTimeout: (run, delayMs) => setTimeout(run, Math.ceil(delayMs)),
  clearTimeout: (timer) => clearTimeout(timer),
  // The first immediate may run before the poll phase of this turn, the second one cannot.
  afterPoll: (run) => void setImmediate(() => setImmediate(run)),
};
