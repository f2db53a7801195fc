import { afterEach } from '@jest/globals';

/** What a test starts, to be stopped after it: the last one first, and all of them even if one fails. Call it once a file. */
export function cleanups(): { later(stop: () => unknown): void } {
  const started: (() => unknown)[] = [];
  afterEach(async () => {
    const problems: unknown[] = [];
    for (const stop of started.splice(0).toReversed()) {
      try {
        await stop();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw new AggregateError(problems, 'not everything could be stopped');
  });
  return { later: (stop) => void started.push(stop) };
}
