import { describe, expect, it } from '@jest/globals';
import { bulkheadOf, LONG_MS } from '../../../test/support/bulkhead.ts';
import { CircuitOpenError } from '../../errors/errors.ts';
import type { Place } from './bulkhead.ts';

describe('Bulkhead, when those it tells act at once', () => {
  it('hands a permit on at once when the one it was granted to fails synchronously', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    const second: Place = enter('b', LONG_MS, () => bulkhead.leave(second));
    enter('c');
    bulkhead.leave(first);
    expect(heard).toEqual(['a granted', 'b granted', 'c granted']);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
  });

  it('does not overflow the stack when 5,000 in the line fail one after the other', () => {
    const { clock, bulkhead, heard, enter } = bulkheadOf(1, 5_000);
    const first = enter('first');
    for (let index = 0; index < 5_000; index += 1) {
      const place: Place = enter(`${index}`, LONG_MS, () => bulkhead.leave(place));
    }
    bulkhead.leave(first);
    expect(heard).toHaveLength(5_001);
    expect(heard.at(-1)).toBe('4999 granted');
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(clock.pending).toBe(0);
  });

  it('serves who enters again while the line is being served', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    const second: Place = enter('b', LONG_MS, () => {
      enter('again');
      bulkhead.leave(second);
    });
    bulkhead.leave(first);
    expect(heard).toEqual(['a granted', 'b granted', 'again granted']);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
  });

  it('does not let who enters again overtake those who wait', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    const second: Place = enter('b', LONG_MS, () => {
      bulkhead.leave(second);
      enter('again');
    });
    enter('c');
    bulkhead.leave(first);
    expect(heard).toEqual(['a granted', 'b granted', 'c granted']);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 1 });
  });

  it('goes on serving the line after an applicant that threw', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    const first = enter('a');
    const broken = enter('b', LONG_MS, () => {
      throw new Error('a bug');
    });
    enter('c');
    expect(() => bulkhead.leave(first)).toThrow('a bug');
    bulkhead.leave(broken);
    expect(heard).toEqual(['a granted', 'b granted', 'c granted']);
  });

  it('flushes those who were in the line, not who enters again on hearing of it', () => {
    const { bulkhead, heard, enter } = bulkheadOf(1);
    enter('a');
    bulkhead.enter(
      { leftMs: () => LONG_MS },
      { granted: () => undefined, refused: () => void enter('again') },
    );
    bulkhead.flush(() => new CircuitOpenError(500));
    expect(heard).toEqual(['a granted']);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 1 });
  });
});
