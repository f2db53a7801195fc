import { quantile } from '../statistics.ts';
import type { Call, Outcome } from './load.ts';
import type { Reached } from './sources.ts';
import { everySecond, holdsFrom, slotsOf } from './timeline.ts';

/** What one contender did in one scenario. */
export interface Trial {
  readonly contender: string;
  readonly calls: readonly Call[];
  readonly reached: Reached;
  /** When the load, the fault and all of it began or ended, in `Date.now()` ms. */
  readonly from: number;
  readonly faultFrom: number;
  readonly faultTo: number;
  readonly to: number;
  readonly perSecond: number;
  /** CPU time of the contender over all of it, in s; undefined where the system does not tell. */
  readonly cpuSeconds: number | undefined;
  /** Share of the source's instances that were at fault: 0–1. */
  readonly faultyShare: number;
}

export const DEADLINE_MS = 1_500;

export interface Figures {
  readonly contender: string;
  /** Of the requests sent during the fault: 0–1. `failed` holds those whose caller hung up. */
  readonly complete: number;
  readonly stale: number;
  readonly partial: number;
  readonly failed: number;
  /** Share with an answer, of whatever kind, within the deadline. */
  readonly inTime: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Requests that reached the source for each of ours. */
  readonly asked: number;
  readonly mostInFlight: number;
  /** CPU time a request, health and recovery included, in ms. */
  readonly cpuMs: number | undefined;
  /** Seconds of fault until its part was asked less than half as much as on a good day, and stayed so. */
  readonly detectedAfter: number | undefined;
  /** Seconds after the fault until nine in ten of every second came back complete, in time. */
  readonly completeAfter: number | undefined;
  /** Seconds after the fault until its part was asked at least half as much as on a good day. */
  readonly usedAfter: number | undefined;
  /** What the answers of the fault that were not complete said, and how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

export function figuresOf(trial: Trial): Figures {
  const { calls, reached, faultFrom, faultTo } = trial;
  const during = calls.filter(({ sentAt }) => sentAt >= faultFrom && sentAt < faultTo);
  const took = during.map(({ tookMs }) => tookMs);
  const share = (matches: (call: Call) => boolean): number =>
    during.filter(matches).length / during.length;
  const shareOf = (...outcomes: Outcome[]): number => share((c) => outcomes.includes(c.outcome));
  const asked = reached.source.filter((time) => time >= faultFrom && time < faultTo).length;
  return {
    contender: trial.contender,
    complete: shareOf('complete'),
    stale: shareOf('stale'),
    partial: shareOf('partial'),
    failed: shareOf('failed', 'hung_up'),
    inTime: share((call) => call.outcome !== 'hung_up' && call.tookMs <= DEADLINE_MS),
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
    mostMs: quantile(took, 1),
    asked: asked / during.length,
    mostInFlight: reached.mostInFlight,
    cpuMs: trial.cpuSeconds && (trial.cpuSeconds * 1_000) / calls.length,
    ...momentsOf(trial),
    reasons: Object.fromEntries(
      [...Map.groupBy(during.filter(hasReason), reasonOf)].map(([why, all]) => [why, all.length]),
    ),
  };
}

type Moments = Pick<Figures, 'detectedAfter' | 'completeAfter' | 'usedAfter'>;

function momentsOf(trial: Trial): Moments {
  const { calls, reached, faultFrom, faultTo, to } = trial;
  const halfOfUsual = (trial.perSecond * trial.faultyShare) / 2;
  const askedBetween = (from: number, until: number): readonly number[] =>
    everySecond(slotsOf(reached.faulty, from, until));
  const sent = everySecond(slotsOf(calls.map(timeOf), faultTo, to));
  const good = everySecond(slotsOf(calls.filter(isGood).map(timeOf), faultTo, to));
  return {
    detectedAfter: holdsFrom(askedBetween(faultFrom, faultTo).map((count) => count < halfOfUsual)),
    completeAfter: holdsFrom(good.map((count, at) => count >= 0.9 * (sent[at] ?? 0))),
    usedAfter: holdsFrom(askedBetween(faultTo, to).map((count) => count >= halfOfUsual)),
  };
}

const hasReason = ({ outcome }: Call): boolean => outcome !== 'complete';

const reasonOf = ({ outcome, why }: Call): string => why ?? outcome;

const timeOf = ({ sentAt }: Call): number => sentAt;

const isGood = ({ outcome, tookMs }: Call): boolean =>
  outcome === 'complete' && tookMs <= DEADLINE_MS;

/** Second by second since the load began: what the charts show. */
export interface Series {
  /** Share of useful answers in time, complete or partial, in %. */
  readonly useful: readonly (number | undefined)[];
  readonly p99Ms: readonly (number | undefined)[];
  /** Requests that reached the part at fault. */
  readonly asked: readonly number[];
}

export function seriesOf({ calls, reached, from, to }: Trial): Series {
  const seconds = Array.from({ length: Math.floor((to - from) / 1_000) }, (_, n) => n);
  const within = (time: number, second: number): boolean =>
    Math.floor((time - from) / 1_000) === second;
  const sentIn = seconds.map((second) => calls.filter(({ sentAt }) => within(sentAt, second)));
  return {
    useful: sentIn.map((sent) =>
      sent.length === 0 ? undefined : (100 * sent.filter(isUseful).length) / sent.length,
    ),
    p99Ms: sentIn.map((sent) =>
      sent.length === 0
        ? undefined
        : quantile(
            sent.map(({ tookMs }) => tookMs),
            0.99,
          ),
    ),
    asked: seconds.map((second) => reached.faulty.filter((time) => within(time, second)).length),
  };
}

const isUseful = ({ outcome, tookMs }: Call): boolean =>
  outcome !== 'failed' && outcome !== 'hung_up' && tookMs <= DEADLINE_MS;
