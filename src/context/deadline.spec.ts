import { describe, expect, it } from '@jest/globals';
import { Subject, timeout } from 'rxjs';
import { watch } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { whenExpired } from '../../test/support/when-expired.ts';
import { Deadline } from './deadline.ts';

function deadlineOf(totalMs = 1_500, reserveMs = 60) {
  const clock = new VirtualClock();
  const deadline = new Deadline(clock, clock.now(), totalMs, reserveMs);
  const heard: string[] = [];
  const on = (name: string): (() => void) => whenExpired(deadline, () => heard.push(name));
  return { clock, deadline, heard, on };
}

describe('Deadline', () => {
  it('leaves the reserve for joining and writing', () => {
    const { clock, deadline } = deadlineOf();
    expect(deadline.answerAt).toBe(clock.now() + 1_440);
    expect(deadline.leftMs()).toBe(1_440);
    expect(deadline.totalMs).toBe(1_500);
  });

  it.each([
    { totalMs: 100, reserveMs: 60, leftMs: 50 },
    { totalMs: 120, reserveMs: 60, leftMs: 60 },
    { totalMs: 1, reserveMs: 60, leftMs: 0.5 },
    { totalMs: 1_500, reserveMs: 0, leftMs: 1_500 },
  ])(
    'of $totalMs ms keeps $reserveMs ms, but never more than half',
    ({ totalMs, reserveMs, leftMs }) => {
      expect(deadlineOf(totalMs, reserveMs).deadline.leftMs()).toBe(leftMs);
    },
  );

  it('counts from the arrival, not from when it was made', () => {
    const clock = new VirtualClock();
    const arrivedAt = clock.now();
    clock.advance(400);
    const deadline = new Deadline(clock, arrivedAt, 1_500, 60);
    expect(deadline.elapsedMs()).toBe(400);
    expect(deadline.leftMs()).toBe(1_040);
  });

  it('has less than nothing left once it has passed', () => {
    const { clock, deadline } = deadlineOf();
    clock.advance(1_450);
    expect(deadline.leftMs()).toBe(-10);
    expect(deadline.elapsedMs()).toBe(1_450);
  });

  it('tells who waits at the moment the answer is put together, once', () => {
    const { clock, heard, on } = deadlineOf();
    on('a');
    clock.advance(1_439);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(['a']);
    clock.advance(10_000);
    expect(heard).toEqual(['a']);
  });

  it('tells the innermost first: the latest registered', () => {
    const { clock, heard, on } = deadlineOf();
    for (const name of ['outer', 'middle', 'inner']) on(name);
    clock.advance(1_440);
    expect(heard).toEqual(['inner', 'middle', 'outer']);
  });

  it('does not tell who took the registration back, also when an inner one does it meanwhile', () => {
    const { clock, deadline, heard, on } = deadlineOf();
    const forgetOuter = on('outer');
    on('gone')();
    whenExpired(deadline, () => {
      heard.push('inner');
      forgetOuter();
    });
    clock.advance(1_440);
    expect(heard).toEqual(['inner']);
  });

  it('needs one timer, however many wait for it', () => {
    const { clock, deadline, on } = deadlineOf();
    expect(clock.pending).toBe(0);
    for (let waiter = 0; waiter < 100; waiter += 1) on(`${waiter}`);
    watch(new Subject().pipe(timeout({ first: 1, scheduler: deadline })));
    expect(clock.pending).toBe(1);
    deadline.dispose();
    expect(clock.pending).toBe(0);
  });

  it('needs no timer when nobody waits for it', () => {
    const { clock } = deadlineOf();
    expect(clock.pending).toBe(0);
  });

  it('comes at once when its time had passed before anybody waited', () => {
    const { clock, heard, on } = deadlineOf();
    clock.advance(2_000);
    on('late');
    clock.advance(0);
    expect(heard).toEqual(['late']);
  });

  it('also tells who registers only after it has told the others', () => {
    const { clock, heard, on } = deadlineOf();
    on('in time');
    clock.advance(1_440);
    on('too late');
    clock.advance(0);
    expect(heard).toEqual(['in time', 'too late']);
  });

  it('after being disposed of runs nothing and leaves no timer', () => {
    const { clock, deadline, heard, on } = deadlineOf();
    on('a');
    const seen = watch(new Subject().pipe(timeout({ first: 1, scheduler: deadline })));
    deadline.dispose();
    expect(clock.pending).toBe(0);
    clock.advance(10_000);
    expect(heard).toEqual([]);
    expect(seen.events).toEqual([]);
  });

  it('runs nothing when it is disposed of between the timer and the poll', () => {
    const { clock, deadline, heard, on } = deadlineOf();
    on('a');
    const seen = watch(new Subject().pipe(timeout({ first: 1, scheduler: deadline })));
    clock.arrive(() => deadline.dispose());
    clock.stall(1_440);
    clock.advance(0);
    expect(heard).toEqual([]);
    expect(seen.events).toEqual([]);
  });

  it('can be disposed of twice, and before anybody waited', () => {
    const { clock, deadline } = deadlineOf();
    deadline.dispose();
    deadline.dispose();
    expect(clock.pending).toBe(0);
  });
});

describe("Deadline as the scheduler of rxjs' timeout", () => {
  const timedOut = ['error'];

  it('times out at the moment the answer is put together', () => {
    const { clock, deadline } = deadlineOf();
    const seen = watch(new Subject().pipe(timeout({ first: 1, scheduler: deadline })));
    clock.advance(1_439);
    expect(seen.events).toEqual([]);
    clock.advance(1);
    expect(seen.events).toEqual(timedOut);
  });

  it('comes after all who were told, also those that registered later', () => {
    const { clock, deadline, heard, on } = deadlineOf();
    watch(new Subject().pipe(timeout({ first: 1, scheduler: deadline })));
    const leg = new Subject();
    leg.pipe(timeout({ first: 1, scheduler: deadline })).subscribe({
      error: () => heard.push('the leg'),
    });
    on('outer');
    on('inner');
    clock.advance(1_440);
    expect(heard).toEqual(['inner', 'outer', 'the leg']);
  });

  it('finds nothing to time out when an inner layer ended the leg in the same turn', () => {
    const { clock, deadline } = deadlineOf();
    const leg = new Subject<string>();
    const seen = watch(leg.pipe(timeout({ first: 1, scheduler: deadline })));
    whenExpired(deadline, () => leg.error(new Error('attempt timeout')));
    clock.advance(1_440);
    expect(seen.errors).toEqual([new Error('attempt timeout')]);
  });

  it('is taken back when the leg has its value', () => {
    const { clock, deadline } = deadlineOf();
    const leg = new Subject<string>();
    const seen = watch(leg.pipe(timeout({ first: 1, scheduler: deadline })));
    leg.next('a value');
    clock.advance(10_000);
    leg.complete();
    expect(seen.events).toEqual(['value', 'complete']);
  });

  it('uses an answer that the kernel already holds when the timer fires late', () => {
    const { clock, deadline, heard } = deadlineOf();
    const leg = new Subject<string>();
    const seen = watch(leg.pipe(timeout({ first: 1, scheduler: deadline })));
    const forget = whenExpired(deadline, () => heard.push('attempt timeout'));
    clock.stall(2_000);
    clock.arrive(() => {
      forget();
      leg.next('just in time');
      leg.complete();
    });
    clock.advance(0);
    expect(seen.values).toEqual(['just in time']);
    expect(seen.events).toEqual(['value', 'complete']);
    expect(heard).toEqual([]);
  });
});
