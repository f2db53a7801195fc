import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { whenExpired } from '../../../test/support/when-expired.ts';
import { Deadline } from '../../context/deadline.ts';
import { FlightDeadline } from './flight-deadline.ts';

/** Requests that arrive now and have so long, and the deadline of the flight that the first of them takes off with. */
function flightOf(...totalsMs: number[]) {
  const clock = new VirtualClock();
  const arrive = (totalMs: number): Deadline => new Deadline(clock, clock.now(), totalMs, 0);
  const members = totalsMs.map(arrive);
  const [first, ...others] = members;
  if (first === undefined) throw new Error('a flight has a first member');
  const deadline = new FlightDeadline(first);
  for (const other of others) deadline.join(other);
  const heard: string[] = [];
  const wait = (name: string): (() => void) => whenExpired(deadline, () => heard.push(name));
  const dispose = (): void => {
    for (const member of members) member.dispose();
  };
  return { clock, arrive, members, first, deadline, heard, wait, dispose };
}

describe('the deadline of a flight', () => {
  it('is that of its first member', () => {
    const { clock, deadline, first, heard, wait } = flightOf(100);
    wait('attempt');
    expect(deadline.answerAt).toBe(first.answerAt);
    expect(deadline.leftMs()).toBe(100);
    clock.advance(99);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(['attempt']);
  });

  it.each([
    [[100, 300, 200], 300],
    [[300, 100], 300],
    [[100, 100], 100],
  ])('is the longest of %j: %d', (totalsMs, expectedMs) => {
    const { clock, deadline, heard, wait } = flightOf(...totalsMs);
    wait('attempt');
    expect(deadline.leftMs()).toBe(expectedMs);
    clock.advance(expectedMs - 1);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(['attempt']);
  });

  it('moves on for what waits already, when somebody joins who has longer', () => {
    const { clock, arrive, deadline, heard, wait } = flightOf(100);
    wait('attempt');
    clock.advance(99);
    deadline.join(arrive(100));
    clock.advance(99);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(['attempt']);
  });

  it('comes nearer for what waits already, when who had longest leaves', () => {
    const { clock, members, deadline, heard, wait } = flightOf(100, 400, 200, 300);
    wait('attempt');
    const longest = members[1];
    if (longest !== undefined) deadline.leave(longest);
    expect(deadline.leftMs()).toBe(300);
    clock.advance(299);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(['attempt']);
  });

  it('stays when somebody leaves who had less', () => {
    const { clock, first, deadline, heard, wait } = flightOf(100, 300);
    wait('attempt');
    deadline.leave(first);
    clock.advance(299);
    expect(heard).toEqual([]);
  });

  it('does not hear of a member that has left', () => {
    const { clock, members, first, deadline, heard, wait } = flightOf(100, 300);
    wait('attempt');
    const longest = members[1];
    if (longest !== undefined) deadline.leave(longest);
    first.dispose();
    clock.advance(1_000);
    expect(heard).toEqual([]);
  });

  it('tells the innermost first', () => {
    const { clock, heard, wait } = flightOf(100, 200);
    for (const name of ['outer', 'middle', 'inner']) wait(name);
    clock.advance(200);
    expect(heard).toEqual(['inner', 'middle', 'outer']);
  });

  it('tells each once, and nobody who took it back, be it because of another one', () => {
    const { clock, deadline, heard, wait } = flightOf(100);
    wait('stays');
    const takeBack = wait('taken back by another one');
    whenExpired(deadline, () => {
      heard.push('takes back');
      takeBack();
    });
    wait('taken back')();
    clock.advance(500);
    expect(heard).toEqual(['takes back', 'stays']);
  });

  it('waits for nothing of its members while nothing waits for it', () => {
    const { clock, wait } = flightOf(100, 300);
    expect(clock.pending).toBe(0);
    wait('attempt')();
    clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });

  it('tells who comes when it has passed, in the next turn', () => {
    const { clock, heard, wait } = flightOf(100);
    clock.advance(150);
    wait('late');
    expect(heard).toEqual([]);
    clock.advance(0);
    expect(heard).toEqual(['late']);
  });

  it('tells who waits again when it has passed', () => {
    const { clock, heard, wait } = flightOf(100);
    wait('attempt');
    clock.advance(100);
    wait('another attempt');
    clock.advance(0);
    expect(heard).toEqual(['attempt', 'another attempt']);
  });

  it('takes back from its member what nobody waits for any more', () => {
    let registered = 0;
    const deadline = new FlightDeadline({
      answerAt: 100,
      leftMs: () => 100,
      watch: () => void (registered += 1),
      unwatch: () => void (registered -= 1),
    });
    const takeBack = [1, 2].map(() => whenExpired(deadline, () => undefined));
    expect(registered).toBe(1);
    takeBack[0]?.();
    expect(registered).toBe(1);
    takeBack[1]?.();
    expect(registered).toBe(0);
  });

  it('may be waited for again after somebody joined who has longer', () => {
    const { clock, arrive, deadline, heard, wait } = flightOf(100);
    wait('attempt');
    clock.advance(100);
    deadline.join(arrive(50));
    wait('another attempt');
    clock.advance(49);
    expect(heard).toEqual(['attempt']);
    clock.advance(1);
    expect(heard).toEqual(['attempt', 'another attempt']);
  });
});
