/** Longest pause before a retry; the real one is anywhere up to it, so that those who failed together do not return together. */
export const LONGEST_PAUSE_MS = 25;
