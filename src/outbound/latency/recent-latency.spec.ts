import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { RecentLatency } from './recent-latency.ts';

function latencyOf(...recordedMs: number[]) {
  const clock = new VirtualClock();
  const latency = new RecentLatency(clock);
  for (const ms of recordedMs) latency.record(ms);
  return { clock, latency };
}

describe('RecentLatency', () => {
  it('knows nothing at first', () => {
    expect(latencyOf().latency.quantile(0.9)).toBe(0);
  });

  it.each([0, 0.3, 0.999])('takes %d ms for nothing', (ms) => {
    expect(latencyOf(ms).latency.quantile(0.5)).toBe(0);
  });

  it('tells each quantile of 1 to 1000 ms within a tenth', () => {
    const { latency } = latencyOf(...Array.from({ length: 1_000 }, (_, index) => index + 1));
    for (const quantile of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
      const exact = quantile * 1_000;
      expect(latency.quantile(quantile)).toBeGreaterThan(exact * 0.9);
      expect(latency.quantile(quantile)).toBeLessThanOrEqual(exact * 1.000001);
    }
  });

  it('is never above, and at most a tenth below, whatever was recorded', () => {
    const sample = fc.double({ min: 1, max: 80_000, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (samples, quantile) => {
          const { latency } = latencyOf(...samples);
          const rank = Math.max(1, Math.ceil(samples.length * quantile));
          const exact = [...samples].sort((a, b) => a - b)[rank - 1] ?? 0;
          const told = latency.quantile(quantile);
          expect(told <= exact * 1.000001 && told >= exact * 0.909).toBe(true);
        },
      ),
    );
  });

  it('does not let one slow answer of a hundred move the p90', () => {
    const { latency } = latencyOf(...Array.from({ length: 99 }, () => 10), 5_000);
    expect(latency.quantile(0.9)).toBeLessThanOrEqual(10);
    expect(latency.quantile(1)).toBeGreaterThan(4_500);
  });

  it('keeps what is longer than it can tell apart', () => {
    expect(latencyOf(10_000_000).latency.quantile(1)).toBeGreaterThan(80_000);
  });

  it('remembers for at least 15 s and forgets after at most 30 s', () => {
    const { clock, latency } = latencyOf(100);
    clock.advance(14_999);
    latency.record(100);
    clock.advance(14_999);
    expect(latency.quantile(0.5)).toBeGreaterThan(90);
    clock.advance(2);
    expect(latency.quantile(0.5)).toBe(0);
  });

  it('forgets the older half first', () => {
    const { clock, latency } = latencyOf(1_000, 1_000, 1_000);
    clock.advance(15_000);
    latency.record(10);
    expect(latency.quantile(0.9)).toBeGreaterThan(900);
    clock.advance(15_000);
    expect(latency.quantile(0.9)).toBeLessThanOrEqual(10);
  });

  it('forgets everything over a long pause', () => {
    const { clock, latency } = latencyOf(1_000);
    clock.advance(3_600_000);
    expect(latency.quantile(0.9)).toBe(0);
    latency.record(20);
    clock.advance(14_000);
    expect(latency.quantile(0.9)).toBeGreaterThan(18);
  });
});
