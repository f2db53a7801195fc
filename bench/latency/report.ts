import {
  fixed,
  fixedSpread,
  markdownTable,
  median,
  ofKnown,
  quantile,
  spread,
  type Spread,
} from '../statistics.ts';
import type { LoadResult } from './load.ts';
import type { SlowestMs } from './sources.ts';

/** What an aggregator adds to the slowest of its sources. */

/** One contender measured once. */
export interface LatencyTurn {
  readonly contender: string;
  /** Counted from 1. */
  readonly round: number;
  /** Answers that were measured. */
  readonly answers: number;
  readonly failures: number;
  /** Later than the slowest source answered, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LatencySummary {
  readonly contender: string;
  /** Medians over the rounds, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** As a multiple of the bar's in the same round: less is better. */
  readonly p50OfBar: Spread | undefined;
  readonly p99OfBar: Spread | undefined;
}

/** Answer by answer: its own time less that of the slowest source for the same user. */
export function turnOf(
  contender: string,
  round: number,
  { tookMs, failures }: LoadResult,
  slowestMs: SlowestMs,
): LatencyTurn {
  const added = Object.entries(tookMs).flatMap(([user, took]) => {
    const slowest = slowestMs[user];
    return slowest === undefined ? [] : [took - slowest];
  });
  const [p50Ms, p99Ms] = [quantile(added, 0.5), quantile(added, 0.99)];
  return { contender, round, answers: added.length, failures, p50Ms, p99Ms };
}

/** @param bar name of the contender that the others are compared with */
export function summarizeLatency(
  turns: readonly LatencyTurn[],
  bar: string,
): readonly LatencySummary[] {
  const barIn = new Map(turns.filter((t) => t.contender === bar).map((t) => [t.round, t]));
  return [...Map.groupBy(turns, ({ contender }) => contender)].map(([contender, own]) => {
    const ofBar = (figure: 'p50Ms' | 'p99Ms'): Spread | undefined =>
      ofKnown(
        own.map((turn) => {
          const barTurn = barIn.get(turn.round);
          return barTurn && turn[figure] / barTurn[figure];
        }),
        spread,
      );
    return {
      contender,
      p50Ms: median(own.map((turn) => turn.p50Ms)),
      p99Ms: median(own.map((turn) => turn.p99Ms)),
      p50OfBar: ofBar('p50Ms'),
      p99OfBar: ofBar('p99Ms'),
    };
  });
}

/** A Markdown table. */
export function toLatencyTable(summaries: readonly LatencySummary[]): string {
  return markdownTable(
    ['in front of the sources', 'added p50 ms', 'added p99 ms', 'p50 ×', 'p99 ×'],
    summaries.map((summary) => [
      summary.contender,
      fixed(summary.p50Ms, 2),
      fixed(summary.p99Ms, 2),
      fixedSpread(summary.p50OfBar, 2),
      fixedSpread(summary.p99OfBar, 2),
    ]),
  );
}

/** What makes the figures worth less than they look. */
export function latencyWarnings(turns: readonly LatencyTurn[]): readonly string[] {
  return turns
    .filter(({ failures }) => failures > 0)
    .map(
      ({ contender, round, failures }) =>
        `${contender}, round ${round}: ${failures} failed requests`,
    );
}
