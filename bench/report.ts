import type { Turn } from './turn.ts';

/** From turns to figures that can be read: medians over the rounds, and ratios within each round. */

/** One contender over all rounds. `undefined` where the system does not tell. */
export interface Summary {
  readonly contender: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** User and system time of the contender a request, in µs. */
  readonly cpuMicros: number | undefined;
  /** The same in its best round: what disturbs a measurement only ever adds. */
  readonly leastCpuMicros: number | undefined;
  /** At the end of the last round. */
  readonly residentMiB: number | undefined;
  /** Requests/s as a multiple of the bar's in the same round: more is better. */
  readonly throughputRatio: number;
  /** Requests a second of CPU time as a multiple of the bar's in the same round: more is better. */
  readonly cpuRatio: Spread | undefined;
}

/** Half of the values lie between `low` and `high`. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Linear between neighbours; NaN for an empty list. @param share 0–1 */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [lower, upper] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return lower + (upper - lower) * (at - Math.floor(at));
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Undefined when nothing is known. */
function ofKnown<T>(
  values: readonly (number | undefined)[],
  figure: (known: readonly number[]) => T,
): T | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : figure(known);
}

const spread = (values: readonly number[]): Spread => ({
  low: quantile(values, 0.25),
  median: median(values),
  high: quantile(values, 0.75),
});

/** @param bar name of the contender that the others are compared with; it took a turn in every round */
export function summarize(turns: readonly Turn[], bar: string): readonly Summary[] {
  const barIn = new Map(turns.filter((t) => t.contender === bar).map((t) => [t.round, t]));
  return [...Map.groupBy(turns, ({ contender }) => contender)].map(([contender, own]) => ({
    contender,
    requestsPerSecond: median(own.map((turn) => turn.requestsPerSecond)),
    p50Ms: median(own.map((turn) => turn.p50Ms)),
    p99Ms: median(own.map((turn) => turn.p99Ms)),
    cpuMicros: ofKnown(
      own.map((turn) => turn.cpuMicros),
      median,
    ),
    leastCpuMicros: ofKnown(
      own.map((turn) => turn.cpuMicros),
      (known) => Math.min(...known),
    ),
    residentMiB: own.at(-1)?.residentMiB,
    throughputRatio: median(
      own.map((turn) => turn.requestsPerSecond / (barIn.get(turn.round)?.requestsPerSecond ?? NaN)),
    ),
    cpuRatio: ofKnown(
      own.map(({ round, cpuMicros }) => {
        const barMicros = barIn.get(round)?.cpuMicros;
        return cpuMicros && barMicros && barMicros / cpuMicros;
      }),
      spread,
    ),
  }));
}

const fixed = (value: number | undefined, digits = 0): string =>
  value === undefined ? '–' : value.toFixed(digits);

/** A Markdown table. */
export function toTable(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => [
    summary.contender,
    fixed(summary.requestsPerSecond),
    fixed(summary.p50Ms, 1),
    fixed(summary.p99Ms, 1),
    fixed(summary.cpuMicros),
    fixed(summary.leastCpuMicros),
    fixed(summary.residentMiB),
    fixed(summary.throughputRatio, 2),
    `${fixed(summary.cpuRatio?.median, 2)} (${fixed(summary.cpuRatio?.low, 2)}–${fixed(summary.cpuRatio?.high, 2)})`,
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '| contender | req/s | p50 ms | p99 ms | CPU µs/req | least | RSS MiB | req/s × | req/CPU-s × |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(line),
  ].join('\n');
}

/** Above this their core is what limits the throughput. */
const SATURATED = 0.95;
/** On top of it, answers that were still under way when a load ended: this turn's, its warm-up's, the last turn's. */
const ASKED_TOLERANCE = 0.005;

/** What makes the figures worth less than they look. @param connections requests under way at any time */
export function warnings(turns: readonly Turn[], connections: number): readonly string[] {
  const found: string[] = [];
  for (const turn of turns) {
    const { failures, incompleteShare, askedPerAnswer, allAnswers } = turn;
    const who = `${turn.contender}, round ${turn.round}`;
    if (failures > 0) found.push(`${who}: ${failures} failed requests`);
    if (incompleteShare > 0)
      found.push(
        `${who}: ${(incompleteShare * 100).toFixed(0)} % of the sampled answers incomplete`,
      );
    if (Math.abs(askedPerAnswer / 3 - 1) > ASKED_TOLERANCE + (3 * connections) / allAnswers)
      found.push(
        `${who}: the sources were asked ${askedPerAnswer.toFixed(2)} times an answer, not 3`,
      );
  }
  const saturated = turns.filter(({ othersBusy }) => (othersBusy ?? 0) > SATURATED).length;
  if (saturated > 0)
    found.push(
      `in ${saturated} of ${turns.length} turns the cores of sources and load generator were more than ` +
        `${SATURATED * 100} % busy: the throughput says little there, trust the CPU time a request`,
    );
  return found;
}
