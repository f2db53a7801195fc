import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Admission, type ShedReason } from './admission.ts';

function open(maxInFlight: number, maxLoopDelayMs = 200) {
  const clock = new VirtualClock();
  const heap = { used: 0.1 };
  const admission = new Admission(
    { maxInFlight, maxLoopDelayMs, maxWaitMs: 100 },
    clock,
    () => heap.used,
  );
  admission.start();
  const shed: ShedReason[] = [];
  admission.onShed((reason) => shed.push(reason));
  const enter = (times: number): (ShedReason | undefined)[] =>
    Array.from({ length: times }, () => admission.enter().shed);
  return { clock, heap, admission, shed, enter };
}

describe('Admission', () => {
  it('lets as many in as may be in flight at once, and another one for each that leaves', () => {
    const { admission, shed, enter } = open(2);
    expect(enter(3)).toEqual([undefined, undefined, 'in_flight']);
    expect(admission.inFlight).toBe(2);
    admission.leave();
    expect(enter(2)).toEqual([undefined, 'in_flight']);
    expect(shed).toEqual(['in_flight', 'in_flight']);
  });

  it('lets nobody in where nobody may be', () => {
    expect(open(0).admission.enter().shed).toBe('in_flight');
  });

  it('sheds while the loop is too late, and lets in again within a second', () => {
    const { clock, admission, enter } = open(10);
    clock.advance(5_000);
    clock.stall(500);
    expect(enter(1)).toEqual(['event_loop']);
    clock.advance(0);
    expect(enter(1)).toEqual(['event_loop']);
    expect(admission.inFlight).toBe(0);
    clock.advance(1_000);
    expect(enter(1)).toEqual([undefined]);
  });

  it('sheds with a heap that is almost full, but for one in ten', () => {
    const { clock, heap, enter } = open(100);
    enter(3);
    heap.used = 0.95;
    clock.advance(1_000);
    const reasons = enter(20);
    expect(reasons.filter((reason) => reason === 'heap')).toHaveLength(18);
    heap.used = 0.5;
    clock.advance(1_000);
    expect(enter(1)).toEqual([undefined]);
  });

  it('is tight from 80 % of the requests in flight on', () => {
    const { admission } = open(10);
    const found = Array.from({ length: 11 }, () => admission.enter().isTight);
    expect(found).toEqual([...Array<boolean>(8).fill(false), true, true, true]);
    for (let n = 0; n < 3; n += 1) admission.leave();
    expect(admission.enter().isTight).toBe(false);
  });

  it.each([
    { lateMs: 159, isTight: false },
    { lateMs: 161, isTight: true },
  ])('with turns that are $lateMs ms too late all the time is tight: $isTight', (turns) => {
    const { clock, admission } = open(10);
    for (let n = 0; n < 10; n += 1) {
      clock.stall(20 + turns.lateMs);
      clock.advance(0);
    }
    expect(admission.enter()).toEqual({ shed: undefined, isTight: turns.isTight });
  });

  it.each([
    { waitedMs: 79, begins: { shed: undefined, isTight: false } },
    { waitedMs: 80, begins: { shed: undefined, isTight: true } },
    { waitedMs: 101, begins: { shed: 'event_loop', isTight: true } },
  ])('who has waited $waitedMs ms of 100 at the door begins with $begins', (each) => {
    const { admission, shed } = open(10);
    expect(admission.begin(each.waitedMs)).toEqual(each.begins);
    expect(shed).toEqual(each.begins.shed === undefined ? [] : ['event_loop']);
  });

  it('turns away at once who would wait for too long', () => {
    const { clock, admission, enter } = open(1_000, 100_000);
    const { line } = admission;
    while (line.passes());
    for (let n = 0; n < 1_000; n += 1) line.wait(() => clock.stall(1));
    const found: (ShedReason | undefined)[] = [];
    // Of 2 ms each, so that beyond 50 of them it is too long.
    const look = (): void => {
      found.push(...enter(1));
      if (line.length > 45) clock.afterPoll(look);
      else found.push(...enter(1));
    };
    clock.afterPoll(look);
    clock.advance(0);
    expect(found[0]).toBe('event_loop');
    expect(found.at(-1)).toBe(undefined);
  });

  it('is shedding once more than 100 were turned away within 5 s, for 10 s', () => {
    const { clock, admission, enter } = open(0);
    enter(100);
    expect(admission.isShedding).toBe(false);
    enter(1);
    expect(admission.isShedding).toBe(true);
    clock.advance(10_000);
    expect(admission.isShedding).toBe(false);
  });

  it('leaves no timer when it is stopped', () => {
    const { clock, admission } = open(1);
    admission.stop();
    expect(clock.pending).toBe(0);
  });
});
