import {
  fixed,
  fixedSpread,
  markdownTable,
  median,
  ofKnown,
  spread,
  type Spread,
} from '../statistics.ts';
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
  /** As a multiple of the bar in the same round: more is better for this contender. */
  readonly ofBar: Ratios;
  /** The service as a multiple of this contender in the same round: more is better for the service. */
  readonly serviceOverThis: Ratios;
}

/** `undefined` where one of the two took no turn. */
export interface Ratios {
  readonly throughput: Spread | undefined;
  /** Requests a second of CPU time. */
  readonly cpu: Spread | undefined;
}

/** Names of the two contenders that others are compared with. */
export interface Measures {
  readonly bar: string;
  readonly service: string;
}

export function summarize(turns: readonly Turn[], { bar, service }: Measures): readonly Summary[] {
  const byContender = Map.groupBy(turns, ({ contender }) => contender);
  const turnsOf = (name: string): readonly Turn[] => byContender.get(name) ?? [];
  return [...byContender].map(([contender, own]) => {
    const cpu = own.map((turn) => turn.cpuMicros);
    return {
      contender,
      requestsPerSecond: median(own.map((turn) => turn.requestsPerSecond)),
      p50Ms: median(own.map((turn) => turn.p50Ms)),
      p99Ms: median(own.map((turn) => turn.p99Ms)),
      cpuMicros: ofKnown(cpu, median),
      leastCpuMicros: ofKnown(cpu, (known) => Math.min(...known)),
      residentMiB: own.at(-1)?.residentMiB,
      ofBar: ratios(own, turnsOf(bar)),
      serviceOverThis: ratios(turnsOf(service), own),
    };
  });
}

/** The first as a multiple of the second, round by round: seconds apart, the machine is the same for both. */
function ratios(those: readonly Turn[], others: readonly Turn[]): Ratios {
  const otherIn = new Map(others.map((turn) => [turn.round, turn]));
  const pairs = those.flatMap((turn) => {
    const other = otherIn.get(turn.round);
    return other === undefined ? [] : [{ turn, other }];
  });
  return {
    throughput: ofKnown(
      pairs.map(({ turn, other }) => turn.requestsPerSecond / other.requestsPerSecond),
      spread,
    ),
    cpu: ofKnown(
      pairs.map(
        ({ turn, other }) => other.cpuMicros && turn.cpuMicros && other.cpuMicros / turn.cpuMicros,
      ),
      spread,
    ),
  };
}

const HEAD = [
  ...['contender', 'req/s', 'p50 ms', 'p99 ms', 'CPU µs/req', 'least', 'RSS MiB'],
  ...['req/s ×', 'req/CPU-s ×', 'service ÷ it, req/s', 'service ÷ it, req/CPU-s', 'goal'],
];

/** A Markdown table. @param goals by name: the service as a multiple of the contender, at least */
export function toTable(
  summaries: readonly Summary[],
  goals: ReadonlyMap<string, number | undefined>,
): string {
  const rows = summaries.map((summary) => {
    const goal = goals.get(summary.contender);
    return [
      summary.contender,
      fixed(summary.requestsPerSecond),
      fixed(summary.p50Ms, 1),
      fixed(summary.p99Ms, 1),
      fixed(summary.cpuMicros),
      fixed(summary.leastCpuMicros),
      fixed(summary.residentMiB),
      fixed(summary.ofBar.throughput?.median, 2),
      fixedSpread(summary.ofBar.cpu, 2),
      fixed(summary.serviceOverThis.throughput?.median, 2),
      fixed(summary.serviceOverThis.cpu?.median, 2),
      goal === undefined ? '' : `≥ ${goal}`,
    ];
  });
  return markdownTable(HEAD, rows);
}
