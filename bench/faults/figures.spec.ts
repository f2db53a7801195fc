import { describe, expect, it } from '@jest/globals';
import { figuresOf, seriesOf, type Trial } from './figures.ts';
import type { Call, Outcome } from './load.ts';

const PER_SECOND = 100;
const [FAULT_FROM, FAULT_TO, TO] = [2_000, 6_000, 12_000];

/** Every 10 ms one of them, over all of the trial. */
const calls = (make: (sentAt: number) => readonly [Outcome, number]): Call[] =>
  Array.from({ length: TO / 10 }, (_, n) => {
    const [outcome, tookMs] = make(n * 10);
    return { sentAt: n * 10, tookMs, outcome };
  });

const arrivals = (isAsked: (at: number) => boolean): number[] =>
  Array.from({ length: TO / 10 }, (_, n) => n * 10).filter(isAsked);

const trial = (over: Partial<Trial> = {}): Trial => ({
  contender: 'somebody',
  calls: calls(() => ['complete', 20]),
  reached: { source: arrivals(() => true), faulty: arrivals(() => true), mostInFlight: 3 },
  from: 0,
  faultFrom: FAULT_FROM,
  faultTo: FAULT_TO,
  to: TO,
  perSecond: PER_SECOND,
  cpuSeconds: 0.6,
  faultyShare: 1,
  ...over,
});

const isFault = (at: number): boolean => at >= FAULT_FROM && at < FAULT_TO;

describe('the figures of a trial', () => {
  it('are those of the requests sent during the fault, and of no other', () => {
    const figures = figuresOf(
      trial({ calls: calls((at) => (isFault(at) ? ['partial', 1_440] : ['complete', 20])) }),
    );
    expect(figures).toMatchObject({ complete: 0, partial: 1, failed: 0, inTime: 1, asked: 1 });
    expect(figures).toMatchObject({ p50Ms: 1_440, p99Ms: 1_440, mostMs: 1_440 });
  });

  it('count an error in time as in time, and as a failure; who hung up had no answer', () => {
    const figures = figuresOf(
      trial({
        calls: calls((at) => (at % 20 === 0 ? ['failed', 5] : ['hung_up', 1_000])),
      }),
    );
    expect(figures).toMatchObject({ failed: 1, inTime: 0.5 });
  });

  it('tell when the faulty part was left alone, for good', () => {
    // left alone after 1 s, tried once more for half a second, left alone from 2.5 s on
    const isAsked = (at: number): boolean =>
      !isFault(at) || at < FAULT_FROM + 1_000 || (at >= 4_000 && at < 4_500);
    const { detectedAfter, usedAfter } = figuresOf(
      trial({ reached: { source: [], faulty: arrivals(isAsked), mostInFlight: 0 } }),
    );
    // half of the usual in a second is too much: the last such second begins 2 s after the fault
    expect(detectedAfter).toBe(2.25);
    expect(usedAfter).toBe(0);
  });

  it('do not tell of what never came', () => {
    const { detectedAfter } = figuresOf(trial());
    expect(detectedAfter).toBeUndefined();
  });

  it('tell when all was complete and in time again', () => {
    const { completeAfter } = figuresOf(
      trial({
        calls: calls((at) => (isFault(at - 3_000) ? ['complete', 1_600] : ['complete', 20])),
      }),
    );
    // the last second with fewer than nine in ten begins 0.25 s before the end of what was slow
    expect(completeAfter).toBe(3);
  });

  it('measure one instance by its share of the load', () => {
    const faulty = arrivals((at) => at % 30 === 0);
    const { detectedAfter, usedAfter } = figuresOf(
      trial({ faultyShare: 1 / 3, reached: { source: [], faulty, mostInFlight: 0 } }),
    );
    expect(detectedAfter).toBeUndefined();
    expect(usedAfter).toBe(0);
  });

  it('share the CPU time among all requests', () => {
    expect(figuresOf(trial()).cpuMs).toBeCloseTo(0.5);
  });

  it('say why answers were not complete', () => {
    const some = calls((at) => (isFault(at) ? ['hung_up', 5_000] : ['failed', 1]));
    expect(figuresOf(trial({ calls: some })).reasons).toEqual({ hung_up: 400 });
  });
});

describe('the series of a trial', () => {
  it('has a value a second', () => {
    const series = seriesOf(
      trial({ calls: calls((at) => (isFault(at) ? ['failed', 7] : ['partial', 20])) }),
    );
    expect(series.useful).toEqual([100, 100, 0, 0, 0, 0, 100, 100, 100, 100, 100, 100]);
    expect(series.p99Ms.slice(1, 3)).toEqual([20, 7]);
    expect(series.asked).toEqual(Array.from({ length: 12 }, () => 100));
  });

  it('has a hole where nothing was sent', () => {
    const series = seriesOf(trial({ calls: [] }));
    expect(series.useful[0]).toBeUndefined();
    expect(series.p99Ms[0]).toBeUndefined();
  });
});
