/**
 * The value that `share` of all others do not exceed (nearest rank); NaN for an empty list.
 *
 * @param share 0–1; 1 is the greatest
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
