import { describe, expect, it } from '@jest/globals';
import {
  latencyWarnings,
  summarizeLatency,
  toLatencyTable,
  turnOf,
  type LatencyTurn,
} from './report.ts';

const turn = (contender: string, round: number, p50Ms: number, p99Ms: number): LatencyTurn => ({
  ...{ contender, round, p50Ms, p99Ms },
  answers: 100,
  failures: 0,
});

describe('the added latency', () => {
  it('is what an answer took beyond the slowest source of the same user', () => {
    const tookMs = { '1': 21, '2': 31, '3': 41 };
    const slowestMs = { '1': 20, '2': 29, '3': 38, '4': 20 };
    const { p50Ms, p99Ms, answers } = turnOf('bar', 1, { tookMs, failures: 0 }, slowestMs);
    expect(p50Ms).toBe(2);
    expect(p99Ms).toBeCloseTo(2.98);
    expect(answers).toBe(3);
  });

  it('leaves out an answer that no source was asked for', () => {
    expect(turnOf('bar', 1, { tookMs: { '1': 21 }, failures: 0 }, {}).answers).toBe(0);
  });

  it('is compared with the bar of the same round', () => {
    const [, service] = summarizeLatency(
      [
        ...[turn('bar', 1, 1, 2), turn('service', 1, 1.2, 2)],
        ...[turn('bar', 2, 2, 8), turn('service', 2, 2.4, 8)],
      ],
      'bar',
    );
    expect(service?.p50OfBar?.median).toBeCloseTo(1.2);
    expect(service?.p99OfBar?.median).toBe(1);
    expect(service?.p50Ms).toBeCloseTo(1.8);
  });

  it('has no ratio without the bar', () => {
    const summaries = summarizeLatency([turn('service', 1, 1, 2)], 'bar');
    expect(summaries[0]?.p50OfBar).toBeUndefined();
    expect(toLatencyTable(summaries)).toContain('| service | 1.00 | 2.00 | – | – |');
  });

  it('warns of failures', () => {
    const found = latencyWarnings([{ ...turn('service', 2, 1, 2), failures: 3 }]);
    expect(found).toEqual(['service, round 2: 3 failed requests']);
  });
});
