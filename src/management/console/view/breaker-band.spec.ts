import { describe, expect, it } from '@jest/globals';
import { breakerFrame, frame, sourceFrame } from '../../../../test/support/console-frames.ts';
import type { BreakerChange, BreakerState, Frame } from '../console.contract.ts';
import { bandInWords, stretchesOf } from './breaker-band.ts';

const second = (n: number, state: BreakerState, ...changes: BreakerChange[]): Frame =>
  frame(n, {}, { orders: sourceFrame({ breaker: breakerFrame({ state, changes }) }) });

describe('the band of a breaker', () => {
  it('is one stretch while nothing changes', () => {
    const frames = [second(1, 'closed'), second(2, 'closed')];
    expect(stretchesOf(frames, 'orders')).toEqual([{ state: 'closed', from: 0, until: 2000 }]);
    expect(bandInWords(stretchesOf(frames, 'orders'), 2000)).toBe(
      'closed for the last two minutes',
    );
  });

  it('changes when it changed, not at the end of the second', () => {
    const frames = [
      second(1, 'closed'),
      second(2, 'half_open', { at: 1200, to: 'open' }, { at: 1900, to: 'half_open' }),
      second(3, 'closed', { at: 2500, to: 'closed' }),
    ];
    const stretches = stretchesOf(frames, 'orders');
    expect(stretches).toEqual([
      { state: 'closed', from: 0, until: 1200 },
      { state: 'open', from: 1200, until: 1900 },
      { state: 'half_open', from: 1900, until: 2500 },
      { state: 'closed', from: 2500, until: 3000 },
    ]);
    expect(bandInWords(stretches, 3000)).toBe('open for 1 s, 2 s ago; half-open for 1 s, 1 s ago');
  });

  it('knows what it was before the first change that is remembered', () => {
    const frames = [second(1, 'half_open', { at: 400, to: 'half_open' })];
    expect(stretchesOf(frames, 'orders')[0]).toEqual({ state: 'open', from: 0, until: 400 });
  });

  it('begins two minutes ago', () => {
    const frames = [second(1, 'open'), second(200, 'open')];
    expect(stretchesOf(frames, 'orders')).toEqual([
      { state: 'open', from: 80_000, until: 200_000 },
    ]);
  });

  it('is empty for a source that nobody knows', () => {
    expect(stretchesOf([second(1, 'closed')], 'nobody')).toEqual([]);
    expect(stretchesOf([], 'orders')).toEqual([]);
  });
});
