import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom, VirtualClock } from '../../../test/support/virtual-clock.ts';
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
          const exact = exactly(samples, quantile);
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

  it('counts what it knows of, and forgets it half by half', () => {
    const { clock, latency } = latencyOf(1, 2, 3);
    expect(latency.count).toBe(3);
    clock.advance(15_000);
    latency.record(4);
    expect(latency.count).toBe(4);
    clock.advance(15_000);
    expect(latency.count).toBe(1);
    clock.advance(15_000);
    expect(latency.count).toBe(0);
  });

  it('tells a time that this share of the answers did not exceed, and hardly more', () => {
    const samples = fc.array(fc.double({ min: 0, max: 80_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (recordedMs, quantile) => {
        const { latency } = latencyOf(...recordedMs);
        const exact = exactly(recordedMs, quantile);
        expect(latency.atMost(quantile)).toBeGreaterThanOrEqual(exact * 0.999999);
        expect(latency.atMost(quantile)).toBeLessThanOrEqual(Math.max(1, exact * 1.100001));
      }),
    );
  });
});

describe('RecentLatency, read again and again', () => {
  /** As good as a fresh one, but for a 256th of the answers. */
  function expectGood(told: number, recordedMs: readonly number[], quantile: number): void {
    const slack = 1 / 256 + 1 / recordedMs.length;
    const low = exactly(recordedMs, Math.max(0, quantile - slack));
    const high = exactly(recordedMs, Math.min(1, quantile + slack));
    expect(told).toBeGreaterThanOrEqual(low * 0.909);
    expect(told).toBeLessThanOrEqual(high * 1.000001);
  }

  it.each([1, 2, 3])(
    'is never off by more than its buckets and a 256th of the answers (seed %d)',
    (seed) => {
      const random = seededRandom(seed);
      const { latency } = latencyOf();
      const recordedMs: number[] = [];
      for (let answer = 0; answer < 6_000; answer += 1) {
        // The source slows down as it goes, which is when an old reading is worst.
        const ms = 1 + (20 + answer / 50) * random();
        recordedMs.push(ms);
        latency.record(ms);
        const quantile = [0.5, 0.9, 0.95, 0.99][Math.floor(random() * 4)] ?? 1;
        const told = latency.quantile(quantile);
        if (answer % 61 === 0) expectGood(told, recordedMs, quantile);
      }
    },
  );

  it('counts anew at once while it knows little', () => {
    const { latency } = latencyOf(...Array.from({ length: 10 }, () => 10));
    expect(latency.quantile(1)).toBeLessThanOrEqual(10);
    latency.record(1_000);
    expect(latency.quantile(1)).toBeGreaterThan(900);
  });

  it('does not keep a reading of what it has forgotten', () => {
    const { clock, latency } = latencyOf(...Array.from({ length: 10_000 }, () => 1_000));
    expect(latency.quantile(0.5)).toBeGreaterThan(900);
    clock.advance(30_000);
    expect(latency.quantile(0.5)).toBe(0);
    latency.record(10);
    expect(latency.quantile(0.5)).toBeGreaterThan(9);
  });
});

/** The quantile of all that was recorded. */
function exactly(recordedMs: readonly number[], quantile: number): number {
  const rank = Math.max(1, Math.ceil(recordedMs.length * quantile));
  return [...recordedMs].sort((a, b) => a - b)[rank - 1] ?? 0;
}
