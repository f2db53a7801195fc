/** Round numbers for an axis that begins at 0. */

export interface Axis {
  readonly most: number;
  /** 0 and `most` included. */
  readonly ticks: readonly number[];
}

const STEPS = 4;

/** @param most the greatest value to be drawn; the axis ends there or a little above */
export function axisOf(most: number): Axis {
  if (!(most > 0)) return { most: 1, ticks: [0, 1] };
  const rough = most / STEPS;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].find((each) => each * magnitude >= rough * 0.999) ?? 10;
  const step = round * magnitude;
  const count = Math.ceil(most / step - 0.001);
  const ticks = Array.from({ length: count + 1 }, (_, n) => Number((n * step).toPrecision(10)));
  return { most: ticks.at(-1) ?? most, ticks };
}
