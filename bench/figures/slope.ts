/** Whether a figure that was sampled over time grows: a line through it (least squares), and how far it can be trusted. */

export interface Sample {
  /** In any unit of time. */
  readonly at: number;
  readonly value: number;
}

export interface Slope {
  /** What one unit of time adds. */
  readonly perUnit: number;
  /** The line's own uncertainty: one standard error of `perUnit`. */
  readonly standardError: number;
  /** Share of the movement that the line explains: 0–1; 0 where nothing moves. */
  readonly rSquared: number;
  readonly mean: number;
  /** What the line gains from the first sample to the last. */
  readonly growth: number;
}

/** @throws RangeError for fewer than three samples, or all at one time */
export function slopeOf(samples: readonly Sample[]): Slope {
  const count = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / count;
  const mean = samples.reduce((sum, { value }) => sum + value, 0) / count;
  let [xx, xy, yy] = [0, 0, 0];
  for (const { at, value } of samples) {
    xx += (at - meanAt) ** 2;
    xy += (at - meanAt) * (value - mean);
    yy += (value - mean) ** 2;
  }
  if (count < 3 || xx === 0) throw new RangeError('a slope takes three samples at different times');
  const perUnit = xy / xx;
  const unexplained = Math.max(0, yy - perUnit * xy);
  const times = samples.map(({ at }) => at);
  return {
    perUnit,
    standardError: Math.sqrt(unexplained / (count - 2) / xx),
    rSquared: yy === 0 ? 0 : 1 - unexplained / yy,
    mean,
    growth: perUnit * (Math.max(...times) - Math.min(...times)),
  };
}

/** What may come of chance: a line less steep than this many of its standard errors is none. */
const STANDARD_ERRORS = 3;

/**
 * Flat unless the line rises by more than a share of the mean (and more than `least`) while it was watched, and rises
 * clearly: by more than three of its standard errors.
 */
export function isFlat(slope: Slope, share: number, least: number): boolean {
  const isSteep = slope.growth > Math.max(share * slope.mean, least);
  return !isSteep || slope.perUnit <= STANDARD_ERRORS * slope.standardError;
}
