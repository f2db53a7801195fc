import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Line } from './line.ts';

function lineOf() {
  const clock = new VirtualClock();
  const line = new Line(clock, 32);
  const begun: number[] = [];
  /** One comes, and takes so long to begin. */
  const come = (n: number, tookMs = 0): void => {
    const begin = (): void => {
      clock.stall(tookMs);
      begun.push(n);
    };
    if (line.passes()) begin();
    else line.wait(begin);
  };
  return { clock, line, begun, come };
}

const upTo = (count: number): number[] => [...Array(count).keys()];

describe('Line', () => {
  it('is nothing to those who come a few a turn', () => {
    const { clock, line, begun, come } = lineOf();
    for (let turn = 0; turn < 10; turn += 1) {
      for (let n = 0; n < 32; n += 1) come(turn * 32 + n);
      expect(line.length).toBe(0);
      clock.advance(0);
    }
    expect(begun).toEqual(upTo(320));
  });

  it('forms beyond 32 in one turn, and moves in the order of coming', () => {
    const { clock, line, begun, come } = lineOf();
    for (const n of upTo(100)) come(n);
    expect(begun).toHaveLength(32);
    expect(line.length).toBe(68);
    clock.advance(0);
    expect(begun).toEqual(upTo(100));
    expect(line.length).toBe(0);
  });

  it('moves for 5 ms a turn, so that others have theirs', () => {
    const { clock, begun, come } = lineOf();
    for (const n of upTo(60)) come(n, 1);
    const begunBefore: number[] = [];
    const other = (): void => {
      begunBefore.push(begun.length);
      if (begunBefore.length < 4) clock.afterPoll(other);
    };
    clock.afterPoll(other);
    clock.advance(0);
    expect(begunBefore).toEqual([37, 42, 47, 52]);
  });

  it('moves by one a turn while connections come, of which one a turn is accepted', () => {
    const { clock, line, begun, come } = lineOf();
    line.accepted();
    for (const n of upTo(5)) come(n, 1);
    expect(begun).toEqual([0]);
    const begunBefore: number[] = [];
    clock.afterPoll(() => {
      begunBefore.push(begun.length);
      line.accepted();
      clock.afterPoll(() => begunBefore.push(begun.length));
    });
    clock.advance(0);
    expect(begunBefore).toEqual([2, 3]);
    expect(begun).toEqual(upTo(5));
  });

  it('nobody overtakes', () => {
    const { clock, begun, come } = lineOf();
    for (const n of upTo(40)) come(n, 1);
    clock.afterPoll(() => come(40));
    clock.advance(0);
    expect(begun).toEqual(upTo(41));
  });

  it('says how long it will take, the better the more have begun', () => {
    const { clock, line, come } = lineOf();
    expect(line.expectedMs).toBe(0);
    for (const n of upTo(532)) come(n, 1);
    expect(line.expectedMs).toBeCloseTo(500 * 0.2);
    const expected: number[] = [];
    const look = (): void => {
      if (line.length % 100 === 0) expected.push(line.expectedMs / line.length);
      if (line.length > 100) clock.afterPoll(look);
    };
    clock.afterPoll(look);
    clock.advance(0);
    // Others need their time in between: twice what beginning takes.
    expect(expected.map((ms) => ms.toFixed(1))).toEqual(['1.6', '1.9', '2.0', '2.0']);
  });

  it('is not frightened by the first one, which is slow in a process that has just started', () => {
    const { clock, line, come } = lineOf();
    line.accepted();
    for (const n of upTo(100)) come(n, n < 2 ? 20 : 0.1);
    const expected: number[] = [];
    clock.afterPoll(() => expected.push(line.expectedMs));
    clock.advance(0);
    expect(expected[0]).toBeLessThan(100);
  });
});
