import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SOURCE_NAMES } from '../src/clients/sources.ts';
import { METRICS, type MetricSpec } from '../src/telemetry/metrics/metric-table.ts';
import { serviceWithTraffic } from './support/metrics-traffic.ts';
import { samplesOf, textOf, type Sample } from './support/scrape.ts';
import type { TestService } from './support/service.ts';

/** What is scraped is what the table promises, and the table what the contract does. */

let service: TestService;
let text: string;
let samples: readonly Sample[];
beforeAll(async () => {
  service = await serviceWithTraffic();
  text = await textOf(service);
  samples = samplesOf(text).filter(({ name }) => name.startsWith('aggregator_'));
});
afterAll(() => service.stop());

/** Of every metric of the contract, which says no more about them. */
const PROMISED: Readonly<Record<string, string>> = {
  aggregator_requests_total: 'counter status',
  aggregator_request_duration_seconds: 'histogram status',
  aggregator_sections_total: 'counter source status reason',
  aggregator_attempts_total: 'counter source kind outcome',
  aggregator_attempt_duration_seconds: 'histogram source kind outcome',
  aggregator_source_in_flight: 'gauge source',
  aggregator_source_queued: 'gauge source',
  aggregator_source_limit: 'gauge source',
  aggregator_breaker_state: 'gauge source state',
  aggregator_instances: 'gauge source state',
  aggregator_in_flight: 'gauge',
  aggregator_shed_total: 'counter reason',
  aggregator_deadline_slack_seconds: 'histogram',
};

it('the table holds what is promised, and what more there is begins with the same word', () => {
  const table = Object.entries<MetricSpec>(METRICS).map(
    ([name, { type, labels }]) => [name, [type, ...Object.keys(labels)].join(' ')] as const,
  );
  expect(Object.fromEntries(table)).toMatchObject(PROMISED);
  for (const [name] of table) expect(name).toMatch(/^aggregator_[a-z_]+$/);
});

it('the text has the names and types of the table, each with its help, and no other ones of ours', () => {
  const types = [...text.matchAll(/^# TYPE (aggregator_\w+) (\w+)$/gm)].map(([, ...type]) => type);
  const helps = [...text.matchAll(/^# HELP (aggregator_\w+) (.+)$/gm)].map(([, ...help]) => help);
  const table = Object.entries<MetricSpec>(METRICS);
  expect(types.toSorted()).toEqual(table.map(([name, { type }]) => [name, type]).toSorted());
  expect(helps.toSorted()).toEqual(table.map(([name, { help }]) => [name, help]).toSorted());
});

it('every sample has the labels of the table, with values that are in it', () => {
  expect(samples.length).toBeGreaterThan(200);
  for (const { name, labels } of samples) {
    const spec = Object.entries<MetricSpec>(METRICS).find(
      ([known, { type }]) =>
        name === known ||
        (type === 'histogram' &&
          [`${known}_bucket`, `${known}_sum`, `${known}_count`].includes(name)),
    )?.[1];
    const { le, ...others } = labels;
    expect(le !== undefined).toBe(name.endsWith('_bucket'));
    expect([name, ...Object.keys(others)]).toEqual([name, ...Object.keys(spec?.labels ?? {})]);
    for (const [label, value] of Object.entries(others)) {
      const values = spec?.labels[label];
      expect(values === 'sources' ? SOURCE_NAMES : values).toContain(value);
    }
  }
});

it('no series is there twice', () => {
  const series = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
  expect(new Set(series).size).toBe(series.length);
});

it('of a breaker one state is 1, and the others are 0', () => {
  for (const source of SOURCE_NAMES) {
    const states = samples.filter(
      ({ name, labels }) => name === 'aggregator_breaker_state' && labels.source === source,
    );
    expect(states.map(({ value }) => value).toSorted()).toEqual([0, 0, 1]);
  }
});
