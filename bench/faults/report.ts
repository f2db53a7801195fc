import { toSvg } from '../figures/line-chart.ts';
import { fixed, markdownTable } from '../statistics.ts';
import { seriesOf, type Figures, type Trial } from './figures.ts';
import type { Scenario } from './scenarios.ts';

/** One scenario as a Markdown table and as a chart. */

const percent = (share: number): string => (share * 100).toFixed(1);
const ms = (value: number): string => value.toFixed(0);

const COLUMNS: readonly (readonly [string, (figures: Figures) => string])[] = [
  ['contender', ({ contender }) => contender],
  ['complete %', ({ complete }) => percent(complete)],
  ['stale %', ({ stale }) => percent(stale)],
  ['partial %', ({ partial }) => percent(partial)],
  ['failed %', ({ failed }) => percent(failed)],
  ['in time %', ({ inTime }) => percent(inTime)],
  ['p50 ms', ({ p50Ms }) => ms(p50Ms)],
  ['p99 ms', ({ p99Ms }) => ms(p99Ms)],
  ['max ms', ({ mostMs }) => ms(mostMs)],
  ['asked ×', ({ asked }) => asked.toFixed(2)],
  ['in flight', ({ mostInFlight }) => String(mostInFlight)],
  ['CPU ms', ({ cpuMs }) => fixed(cpuMs, 2)],
  ['detected s', ({ detectedAfter }) => fixed(detectedAfter, 2)],
  ['complete again s', ({ completeAfter }) => fixed(completeAfter, 2)],
  ['used again s', ({ usedAfter }) => fixed(usedAfter, 2)],
];

export const toTable = (figures: readonly Figures[]): string =>
  markdownTable(
    COLUMNS.map(([name]) => name),
    figures.map((each) => COLUMNS.map(([, cell]) => cell(each))),
  );

export function toSection(scenario: Scenario, figures: readonly Figures[]): string {
  return [
    `## ${scenario.title}`,
    `Expected of the service: ${scenario.expected}.`,
    toTable(figures),
    `![${scenario.title}](${scenario.name}.svg)`,
  ].join('\n\n');
}

export function toChart(scenario: Scenario, trials: readonly Trial[]): string {
  const named = trials.map((trial) => ({ name: trial.contender, series: seriesOf(trial) }));
  const [first] = trials;
  const second = (time: number): number => (time - (first?.from ?? 0)) / 1_000;
  return toSvg({
    title: scenario.title,
    ...(first && { shaded: [second(first.faultFrom), second(first.faultTo)] as const }),
    panels: [
      {
        title: 'useful answers (complete or partial) within 1.5 s, %',
        most: 100,
        lines: named.map(({ name, series }) => ({ name, values: series.useful })),
      },
      {
        title: 'p99 of the latency, ms; callers hang up after 5 s',
        lines: named.map(({ name, series }) => ({ name, values: series.p99Ms })),
      },
      {
        title: 'requests a second that reached the part at fault',
        lines: named.map(({ name, series }) => ({ name, values: series.asked })),
      },
    ],
  });
}
