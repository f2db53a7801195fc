import { describe, expect, it } from '@jest/globals';
import type { Figures, Trial } from './figures.ts';
import { toChart, toSection, toTable } from './report.ts';
import { INSTANCES, SCENARIOS, type Scenario } from './scenarios.ts';

const figures = (over: Partial<Figures> = {}): Figures => ({
  contender: 'somebody',
  complete: 0.5,
  stale: 0,
  partial: 0.4994,
  failed: 0.0006,
  inTime: 1,
  p50Ms: 21.4,
  p99Ms: 1_443.6,
  mostMs: 1_500,
  asked: 1.096,
  mostInFlight: 7,
  cpuMs: undefined,
  detectedAfter: undefined,
  completeAfter: 0,
  usedAfter: 2.25,
  reasons: {},
  ...over,
});

const scenario = (): Scenario => {
  const [first] = SCENARIOS;
  if (first === undefined) throw new Error('no scenario');
  return first;
};

const trial = (contender: string, seconds: number): Trial => ({
  contender,
  calls: Array.from({ length: seconds * 100 }, (_, n) => ({
    sentAt: 1_000_000 + n * 10,
    tookMs: (n * 7_919) % 5_000,
    outcome: 'partial',
  })),
  reached: { source: [], faulty: [1_000_005], mostInFlight: 0 },
  from: 1_000_000,
  faultFrom: 1_005_000,
  faultTo: 1_017_000,
  to: 1_000_000 + seconds * 1_000,
  perSecond: 100,
  cpuSeconds: undefined,
  faultyShare: 1,
});

describe('the report of a scenario', () => {
  it('is a table with a row a contender; what never came is a dash', () => {
    const [, , row] = toTable([figures()]).split('\n');
    expect(row).toBe(
      '| somebody | 50.0 | 0.0 | 49.9 | 0.1 | 100.0 | 21 | 1444 | 1500 | 1.10 | 7 | – | – | 0.00 | 2.25 |',
    );
  });

  it('says what was expected, and shows its chart', () => {
    const section = toSection(scenario(), [figures()]);
    expect(section).toContain(scenario().expected);
    expect(section).toContain(`(${scenario().name}.svg)`);
  });

  it('has a chart below 40 kB, with the seconds of the fault shaded', () => {
    const svg = toChart(
      scenario(),
      ['a', 'b', 'c'].map((name) => trial(name, 31)),
    );
    expect(svg.length).toBeLessThan(40_000);
    // 648 from 56, 31 s: second 5 for 12 s
    expect(svg).toContain('<rect x="160.5" y="0" width="250.8"');
  });
});

describe('the scenarios', () => {
  it('have names of their own and befall instances that there are', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    for (const { instances } of SCENARIOS) {
      expect(instances).toBeGreaterThan(0);
      expect(instances).toBeLessThanOrEqual(INSTANCES);
    }
  });

  it('begin with the fault and change within it', () => {
    for (const { changes } of SCENARIOS)
      for (const seconds of [3, 12]) {
        const times = changes(seconds).map(({ at }) => at);
        expect(times[0]).toBe(0);
        expect(Math.max(...times)).toBeLessThan(seconds);
      }
  });
});
