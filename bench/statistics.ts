/** The few figures that all reports are made of. */

/** Half of the values lie between `low` and `high`. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Linear between neighbours; NaN for an empty list. @param share 0–1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [lower, upper] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return lower + (upper - lower) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const spread = (values: readonly number[]): Spread => ({
  low: quantile(values, 0.25),
  median: median(values),
  high: quantile(values, 0.75),
});

/** Undefined when nothing is known. */
export function ofKnown<T>(
  values: readonly (number | undefined)[],
  figure: (known: readonly number[]) => T,
): T | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : figure(known);
}

/** A cell of a table; a dash for what is not known. */
export const fixed = (value: number | undefined, digits = 0): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);

/** A cell of a table: the median, and the quartiles in parentheses. */
export const fixedSpread = (value: Spread | undefined, digits: number): string =>
  value === undefined
    ? '–'
    : `${fixed(value.median, digits)} (${fixed(value.low, digits)}–${fixed(value.high, digits)})`;

/** A table in Markdown: the first column is text, the others are figures. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, at) => (at === 0 ? '---' : '--:')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
