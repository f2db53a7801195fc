import { describe, expect, it } from '@jest/globals';
import { bulkheadOf, LONG_MS } from '../../../test/support/bulkhead.ts';
import { CircuitOpenError } from '../../errors/errors.ts';

describe('Bulkhead', () => {
  it('grants at once while there are permits, and counts them', () => {
    const { bulkhead, heard, enter } = bulkheadOf(2);
    enter('a');
    enter('b');
    expect(heard).toEqual(['a granted', 'b granted']);
    expect(bulkhead).toMatchObject({ limit: 2, inFlight: 2, queued: 0 });
  });

  it('never has more than its limit in flight: the next one waits for a permit', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    enter('b');
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 1 });
    bulkhead.leave(first);
    expect(heard).toEqual(['a granted', 'b granted']);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
  });

  it('grants nothing with a limit of 0', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(0, 1);
    enter('a');
    enter('b');
    expect(heard).toEqual(['b bulkhead_full']);
    clock.advance(75);
    expect(heard).toEqual(['b bulkhead_full', 'a queue_timeout']);
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
  });

  it('serves the line in order of arrival', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('first');
    const places = ['a', 'b', 'c'].map((name) => enter(name));
    heard.length = 0;
    for (const place of [first, ...places]) bulkhead.leave(place);
    expect(heard).toEqual(['a granted', 'b granted', 'c granted']);
  });

  it('does not let a newcomer overtake the line', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('first');
    const second = enter('second');
    bulkhead.leave(first);
    enter('newcomer');
    bulkhead.leave(second);
    expect(heard).toEqual(['first granted', 'second granted', 'newcomer granted']);
  });

  it('refuses beyond the queue at once', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(1, 1);
    enter('a');
    enter('b');
    enter('c');
    expect(heard).toEqual(['a granted', 'c bulkhead_full']);
    expect(bulkhead.queued).toBe(1);
    expect(clock.pending).toBe(1);
  });

  it('has no line at all with a queue of 0', () => {
    const { clock, heard, enter } = bulkheadOf(1, 0);
    enter('a');
    enter('b');
    expect(heard).toEqual(['a granted', 'b bulkhead_full']);
    expect(clock.pending).toBe(0);
  });

  it('sends away who has waited for the longest allowed time, and not a ms earlier', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(1);
    enter('a');
    enter('b');
    clock.advance(74);
    expect(bulkhead.queued).toBe(1);
    clock.advance(1);
    expect(heard).toEqual(['a granted', 'b queue_timeout']);
    expect(bulkhead.queued).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('sends away who has no time left, with the deadline as the reason', () => {
    const { clock, heard, enter } = bulkheadOf(1);
    enter('a');
    enter('b', 30);
    clock.advance(29);
    expect(heard).toEqual(['a granted']);
    clock.advance(1);
    expect(heard).toEqual(['a granted', 'b deadline_exceeded']);
  });

  it.each([
    { movesToMs: 60, toldAtMs: 60, word: 'deadline_exceeded' },
    { movesToMs: 500, toldAtMs: 75, word: 'queue_timeout' },
  ])(
    'lets a waiter stay whose deadline has moved to $movesToMs ms meanwhile, until $toldAtMs ms',
    ({ movesToMs, toldAtMs, word }) => {
      const { clock, bulkhead, heard, enter } = bulkheadOf(1);
      enter('a');
      let endsAt = clock.now() + 30;
      bulkhead.enter(
        { leftMs: () => endsAt - clock.now() },
        { granted: () => heard.push('granted'), refused: ({ code }) => heard.push(code) },
      );
      endsAt = clock.now() + movesToMs;
      clock.advance(toldAtMs - 1);
      expect(heard).toEqual(['a granted']);
      clock.advance(1);
      expect(heard).toEqual(['a granted', word]);
      expect(clock.pending).toBe(0);
    },
  );

  it('refuses a waiter whose deadline had already passed, in the next turn', () => {
    const { clock, heard, enter } = bulkheadOf(1);
    enter('a');
    enter('b', -5);
    clock.advance(0);
    expect(heard).toEqual(['a granted', 'b deadline_exceeded']);
  });

  it('never grants a waiter whose time is up, even if its timer has not run', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    enter('late');
    enter('dead', 20);
    clock.stall(75);
    enter('in time');
    bulkhead.leave(first);
    expect(heard).toEqual([
      'a granted',
      'late queue_timeout',
      'dead deadline_exceeded',
      'in time granted',
    ]);
    clock.advance(LONG_MS);
    expect(heard).toHaveLength(4);
  });

  it('lets a waiter leave the line without a word, and serves the next', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    const second = enter('b');
    enter('c');
    bulkhead.leave(second);
    expect(bulkhead.queued).toBe(1);
    bulkhead.leave(first);
    clock.advance(LONG_MS);
    expect(heard).toEqual(['a granted', 'c granted']);
  });

  it('flushes the whole line with the given error, and nothing of what is in flight', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    enter('b');
    enter('c');
    bulkhead.flush(() => new CircuitOpenError(500));
    expect(heard).toEqual(['a granted', 'b circuit_open', 'c circuit_open']);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
    expect(clock.pending).toBe(0);
    bulkhead.leave(first);
    expect(heard).toHaveLength(3);
    expect(bulkhead.inFlight).toBe(0);
  });

  it('takes a permit back once, however often it is given back', () => {
    const { bulkhead, enter } = bulkheadOf(2);
    const first = enter('a');
    enter('b');
    bulkhead.leave(first);
    bulkhead.leave(first);
    expect(bulkhead.inFlight).toBe(1);
  });

  it('ignores who gives back a place it was refused or has already left', () => {
    const { bulkhead, enter } = bulkheadOf(1, 1);
    enter('a');
    const waiting = enter('b');
    const refused = enter('c');
    bulkhead.leave(refused);
    bulkhead.leave(waiting);
    bulkhead.leave(waiting);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
  });
});
