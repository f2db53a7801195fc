import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import {
  METRICS,
  type MetricName,
  type MetricSpec,
} from '../../src/telemetry/metrics/metric-table.ts';
import type { TestService } from './service.ts';

/** What `/metrics` says of a service under test. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

export function samplesOf(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value] = LINE.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, label, of]) => [label, of])),
        value: Number(value),
      };
    });
}

export async function textOf({ managementUrl }: TestService): Promise<string> {
  const response = await fetch(`${managementUrl}/metrics`, { headers: { connection: 'close' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}

/** A number by its name without the prefix and the values of its labels: `requests_total success`. */
export type Figures = Readonly<Record<string, number>>;

/** Ours of one type; of a histogram the count, under the name of the histogram. */
export async function figuresOf(service: TestService, type: MetricSpec['type']): Promise<Figures> {
  const suffix = type === 'histogram' ? '_count' : '';
  const names = new Map(
    Object.entries<MetricSpec>(METRICS)
      .filter(([, spec]) => spec.type === type)
      .map(([name]) => [name + suffix, name.replace('aggregator_', '')]),
  );
  const figures: Record<string, number> = {};
  for (const { name, labels, value } of samplesOf(await textOf(service))) {
    const short = names.get(name);
    if (short !== undefined) figures[[short, ...Object.values(labels)].join(' ').trim()] = value;
  }
  return figures;
}

const differences = (after: Figures, before: Figures): Figures =>
  Object.fromEntries(
    Object.entries(after)
      .map(([series, value]) => [series, value - (before[series] ?? 0)] as const)
      .filter(([, by]) => by !== 0),
  );

/** Attempts and requests are timed as often as they are counted: so much is said for both. */
const TIMED: Readonly<Partial<Record<MetricName, string>>> = {
  aggregator_requests_total: 'request_duration_seconds',
  aggregator_attempts_total: 'attempt_duration_seconds',
};

function timed(counted: Figures): Figures {
  const twins = Object.entries(TIMED).map(
    ([name, twin]) => [name.replace('aggregator_', ''), twin] as const,
  );
  return Object.fromEntries(
    Object.entries(counted).flatMap(([series, by]) =>
      twins
        .filter(([name]) => series.startsWith(name))
        .map(([name, twin]) => [series.replace(name, twin), by]),
    ),
  );
}

/**
 * What is done moves these counters by so much and no other one; the histograms of durations move with them, and that of
 * the slack by as much as is said. An end is counted a moment after the caller has heard of it.
 */
export async function expectMoves(
  service: TestService,
  act: () => Promise<unknown>,
  counters: Figures,
  slack = 0,
): Promise<void> {
  const read = async (): Promise<Figures> => ({
    ...(await figuresOf(service, 'counter')),
    ...(await figuresOf(service, 'histogram')),
  });
  const expected = {
    ...counters,
    ...timed(counters),
    ...(slack > 0 && { deadline_slack_seconds: slack }),
  };
  const before = await read();
  await act();
  const giveUpAt = performance.now() + 3_000;
  let moved: Figures;
  do moved = differences(await read(), before);
  while (!isDeepStrictEqual(sorted(moved), sorted(expected)) && performance.now() < giveUpAt);
  // Once more: nothing comes after it.
  expect(differences(await read(), before)).toEqual(expected);
}

const sorted = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).toSorted(([a], [b]) => (a < b ? -1 : 1)));
