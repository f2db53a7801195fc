import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.ts';

afterEach(() => void jest.useRealTimers());

describe('systemClock', () => {
  it('does not follow the wall clock when somebody sets it', () => {
    jest.useFakeTimers({ now: 0 });
    const before = systemClock.now();
    jest.setSystemTime(3_600_000);
    expect(systemClock.now()).toBe(before);
  });

  it('never fires early: a fraction of a ms is waited for in full', () => {
    jest.useFakeTimers();
    const run = jest.fn();
    systemClock.setTimeout(run, 10.2);
    jest.advanceTimersByTime(10);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('takes a timer back', () => {
    jest.useFakeTimers();
    const run = jest.fn();
    systemClock.clearTimeout(systemClock.setTimeout(run, 10));
    jest.advanceTimersByTime(100);
    expect(run).not.toHaveBeenCalled();
  });

  it('lets a whole poll of the loop pass before `afterPoll` runs', () => {
    jest.useFakeTimers();
    const order: string[] = [];
    systemClock.afterPoll(() => order.push('after the poll'));
    // The first immediate still belongs to the turn that is under way.
    setImmediate(() => order.push('this turn'));
    jest.runAllTimers();
    expect(order).toEqual(['this turn', 'after the poll']);
  });
});
