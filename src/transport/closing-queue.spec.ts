import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { ClosingQueue } from './closing-queue.ts';

/** A queue whose sockets take so long to close, and how many of them are closed. */
function queueOf(count: number, eachMs: number) {
  const clock = new VirtualClock();
  const queue = new ClosingQueue(clock);
  const closed: number[] = [];
  for (let n = 0; n < count; n += 1)
    queue.add(() => {
      clock.stall(eachMs);
      closed.push(n);
    });
  return { clock, queue, closed };
}

describe('ClosingQueue', () => {
  it('closes after the poll, not at once', () => {
    const { clock, closed } = queueOf(1, 0);
    expect(closed).toEqual([]);
    clock.advance(0);
    expect(closed).toEqual([0]);
  });

  it('closes in the order of coming, for 2 ms before the loop may do something else', () => {
    const { clock, closed } = queueOf(100, 0.5);
    const closedBefore: number[] = [];
    clock.afterPoll(() => {
      closedBefore.push(closed.length);
      clock.afterPoll(() => closedBefore.push(closed.length));
    });
    clock.advance(0);
    expect(closedBefore).toEqual([4, 8]);
    expect(closed).toEqual([...Array(100).keys()]);
  });

  it('has a quarter of the time where turns are long, so that it keeps up', () => {
    const { clock, closed } = queueOf(1_000, 1);
    const closedBefore: number[] = [];
    const busy = (): void => {
      closedBefore.push(closed.length);
      clock.stall(40);
      if (closedBefore.length < 4) clock.afterPoll(busy);
    };
    clock.afterPoll(busy);
    clock.advance(0);
    expect(closedBefore).toEqual([2, 12, 22, 32]);
  });

  it('begins anew when it was empty', () => {
    const { clock, queue, closed } = queueOf(2, 0);
    clock.advance(0);
    queue.add(() => closed.push(7));
    clock.advance(0);
    expect(closed).toEqual([0, 1, 7]);
  });

  it('takes what comes while it closes', () => {
    const { clock, queue, closed } = queueOf(1, 0);
    queue.add(() => queue.add(() => closed.push(7)));
    clock.advance(0);
    expect(closed).toEqual([0, 7]);
  });
});
