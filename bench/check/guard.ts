/** Whether the service has become more expensive than it was, compared with the same bar as then. */

/** bench/recorded.json: what is held against a new run. */
export interface Recorded {
  /** Requests a second of CPU time, as a multiple of the hand-written handler's. */
  readonly ratio: number;
  /** ISO 8601. */
  readonly date: string;
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Below this share of the recorded ratio the check fails: more than two runs of one build differ by. */
export const LEAST_SHARE = 0.9;

export interface Verdict {
  readonly passed: boolean;
  readonly message: string;
}

/** @param ratio undefined where CPU times cannot be read @param recorded undefined where nothing is recorded yet */
export function judge(ratio: number | undefined, recorded: Recorded | undefined): Verdict {
  if (ratio === undefined || Number.isNaN(ratio))
    return { passed: false, message: 'no CPU times could be read here: nothing to compare' };
  if (recorded === undefined)
    return {
      passed: false,
      message: `${ratio.toFixed(3)} × the hand-written handler; nothing is recorded: npm run bench:check -- --record`,
    };
  const least = recorded.ratio * LEAST_SHARE;
  const passed = ratio >= least;
  return {
    passed,
    message:
      `requests a second of CPU time, as a multiple of the hand-written handler's: ${ratio.toFixed(3)}; ` +
      `recorded on ${recorded.date.slice(0, 10)}: ${recorded.ratio.toFixed(3)}; ` +
      `at least ${LEAST_SHARE} × that is asked for: ${least.toFixed(3)}. ${passed ? 'Passed.' : 'FAILED.'}`,
  };
}

/** @param text what the file holds @throws Error when it is not a record */
export function parseRecorded(text: string): Recorded {
  const value = JSON.parse(text) as Partial<Recorded> | null;
  if (typeof value?.ratio !== 'number' || !(value.ratio > 0) || typeof value.date !== 'string')
    throw new Error('bench/recorded.json has no ratio and date');
  const { ratio, date, command = '', versions = {} } = value;
  return { ratio, date, command, versions };
}
