import { describe, expect, it } from '@jest/globals';
import { summarize, toTable, type Summary } from './report.ts';
import type { Turn } from './turn.ts';
import { warnings } from './warnings.ts';

const turn = (contender: string, round: number, cpuMicros: number | undefined): Turn => ({
  contender,
  round,
  cpuMicros,
  requestsPerSecond: 1e6 / (cpuMicros ?? 100),
  p50Ms: 1,
  p99Ms: 2,
  answers: 1000,
  allAnswers: 1000,
  failures: 0,
  seconds: 1,
  answerBytes: 3500,
  incompleteShare: 0,
  askedPerAnswer: 3,
  contenderCpu: undefined,
  sourcesCpu: undefined,
  generatorCpu: undefined,
  othersBusy: 0.5,
  residentMiB: 100 + round,
});

const measures = { bar: 'bar', service: 'service' };

function summaryOf(name: string, turns: readonly Turn[]): Summary {
  const found = summarize(turns, measures).find(({ contender }) => contender === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

describe('the summary of a run', () => {
  const turns = [
    ...[turn('bar', 1, 200), turn('service', 1, 200), turn('slow', 1, 1200)],
    // The machine is half as fast now, for all of them.
    ...[turn('bar', 2, 400), turn('service', 2, 400), turn('slow', 2, 2400)],
    ...[turn('bar', 3, 200), turn('service', 3, 220), turn('slow', 3, 1320)],
  ];

  it('compares within each round, so that a slower machine changes nothing', () => {
    expect(summaryOf('service', turns).ofBar.cpu?.median).toBe(1);
    expect(summaryOf('slow', turns).ofBar.cpu?.median).toBeCloseTo(1 / 6);
  });

  it('says how many times as much the service serves as each of the others', () => {
    expect(summaryOf('slow', turns).serviceOverThis.cpu?.median).toBeCloseTo(6);
    expect(summaryOf('slow', turns).serviceOverThis.throughput?.median).toBeCloseTo(6);
    expect(summaryOf('bar', turns).serviceOverThis.cpu?.median).toBe(1);
  });

  it('takes the median of the rounds, the cheapest round, and the last memory', () => {
    expect(summaryOf('service', turns)).toMatchObject({
      cpuMicros: 220,
      leastCpuMicros: 200,
      residentMiB: 103,
    });
  });

  it('has no ratio where one of the two is missing', () => {
    const { ofBar, serviceOverThis } = summaryOf('slow', [turn('slow', 1, 100), turn('bar', 2, 1)]);
    expect([ofBar.cpu, serviceOverThis.cpu]).toEqual([undefined, undefined]);
    expect(summaryOf('service', [turn('service', 1, undefined)]).cpuMicros).toBeUndefined();
  });

  it('shows a row a contender, with the goal that is known', () => {
    const rows = toTable(summarize(turns, measures), new Map([['slow', 6]])).split('\n');
    expect(rows).toHaveLength(5);
    expect(rows[4]).toMatch(/^\| slow .* \| 6\.00 \| 6\.00 \| ≥ 6 \|$/);
    expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1);
  });
});

describe('the warnings of a run', () => {
  it('has none when all went as it should', () => {
    expect(warnings([turn('bar', 1, 200)], 64)).toEqual([]);
  });

  it('names failures, incomplete answers, missing questions and busy cores', () => {
    const bad = { failures: 2, incompleteShare: 0.5, askedPerAnswer: 1, othersBusy: 1 };
    const found = warnings([{ ...turn('bar', 1, 200), ...bad }], 64);
    expect(found).toHaveLength(4);
    expect(found.join('\n')).toContain('bar, round 1: 2 failed requests');
  });
});
