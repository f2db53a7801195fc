import { afterEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { OpossumBreaker, type WindowOptions } from './opossum-breaker.ts';

const made: OpossumBreaker[] = [];

function breakerOf(options: Partial<WindowOptions> = {}) {
  const clock = new VirtualClock();
  const breaker = new OpossumBreaker(
    { windowMs: 10_000, minCalls: 4, failureRatio: 0.5, ...options },
    clock,
  );
  made.push(breaker);
  /** `f` a failure, `s` a success. */
  const record = (verdicts: string): void => {
    for (const verdict of verdicts) breaker.record(verdict === 'f');
  };
  return { clock, breaker, record };
}

afterEach(() => {
  for (const breaker of made.splice(0)) breaker.dispose();
});

describe('OpossumBreaker', () => {
  it('is closed and knows of no failures at first', () => {
    const { breaker } = breakerOf();
    expect(breaker.isOpen).toBe(false);
    expect(breaker.failureRatio).toBe(0);
  });

  it.each([
    { verdicts: 'fff', opens: false, because: 'too few verdicts' },
    { verdicts: 'ffff', opens: true, because: 'enough verdicts, all failures' },
    { verdicts: 'ssff', opens: true, because: 'exactly the ratio at exactly the least number' },
    { verdicts: 'sssff', opens: false, because: 'below the ratio' },
    { verdicts: 'sssfff', opens: true, because: 'the ratio is reached later' },
    { verdicts: 'ffss', opens: true, because: 'a success makes the number full' },
    { verdicts: 'ssss', opens: false, because: 'nothing failed' },
  ])('$verdicts: $because', ({ verdicts, opens }) => {
    const { breaker, record } = breakerOf();
    record(verdicts);
    expect(breaker.isOpen).toBe(opens);
  });

  it.each([
    { failureRatio: 1, verdicts: 'fffs', opens: false },
    { failureRatio: 1, verdicts: 'ffff', opens: true },
    { failureRatio: 0, verdicts: 'ssss', opens: false },
    { failureRatio: 0, verdicts: 'sssf', opens: true },
    { failureRatio: 0.3, verdicts: 'sssssssfff', opens: true },
    { failureRatio: 0.31, verdicts: 'sssssssfff', opens: false },
  ])('with a ratio of $failureRatio, $verdicts opens: $opens', ({ opens, verdicts, ...ratio }) => {
    const { breaker, record } = breakerOf({ ...ratio, minCalls: verdicts.length });
    record(verdicts);
    expect(breaker.isOpen).toBe(opens);
  });

  it('opens on the first failure when no least number is asked for', () => {
    const { breaker, record } = breakerOf({ minCalls: 0 });
    record('f');
    expect(breaker.isOpen).toBe(true);
  });

  it('has decided when `record` returns', () => {
    const { breaker, record } = breakerOf({ minCalls: 100 });
    for (let call = 1; call <= 99; call += 1) record('f');
    expect(breaker.isOpen).toBe(false);
    record('f');
    expect(breaker.isOpen).toBe(true);
  });

  it('tells the share of failures among the verdicts', () => {
    const { breaker, record } = breakerOf({ minCalls: 100 });
    record('fsss');
    expect(breaker.failureRatio).toBe(0.25);
  });

  it('forgets a verdict after its window, in the time of the given clock', () => {
    const { clock, breaker, record } = breakerOf();
    record('fff');
    clock.advance(9_999);
    expect(breaker.failureRatio).toBe(1);
    clock.advance(1);
    expect(breaker.failureRatio).toBe(0);
    record('f');
    expect(breaker.isOpen).toBe(false);
  });

  it('forgets bit by bit: what is older than the window goes, the rest stays', () => {
    const { clock, breaker, record } = breakerOf();
    record('fff');
    clock.advance(5_000);
    record('s');
    expect(breaker.isOpen).toBe(true);
    clock.advance(5_000);
    record('s');
    expect(breaker.failureRatio).toBe(0);
  });

  it('forgets at the latest a window after the verdict, and not before nine tenths of it', () => {
    const { clock, breaker, record } = breakerOf();
    clock.advance(999);
    record('f');
    clock.advance(9_000);
    expect(breaker.failureRatio).toBe(1);
    clock.advance(1_000);
    expect(breaker.failureRatio).toBe(0);
  });

  it('forgets everything over a pause of many windows', () => {
    const { clock, breaker, record } = breakerOf();
    record('fff');
    clock.advance(10_000_000);
    record('fff');
    expect(breaker.isOpen).toBe(false);
    record('f');
    expect(breaker.isOpen).toBe(true);
  });

  it('starts with an empty window after closing', () => {
    const { breaker, record } = breakerOf();
    record('ffff');
    breaker.close();
    expect(breaker.isOpen).toBe(false);
    expect(breaker.failureRatio).toBe(0);
    record('fff');
    expect(breaker.isOpen).toBe(false);
  });

  it('needs no timer of the given clock', () => {
    const { clock, record } = breakerOf();
    record('ffff');
    expect(clock.pending).toBe(0);
  });
});
