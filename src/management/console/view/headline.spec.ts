import { describe, expect, it } from '@jest/globals';
import {
  breakerFrame,
  FACTS,
  frame,
  sourceFrame,
} from '../../../../test/support/console-frames.ts';
import type { Frame, InstanceRow } from '../console.contract.ts';
import { headlineOf } from './headline.ts';

const said = (frames: readonly Frame[], instances = {}) => headlineOf(frames, instances, FACTS);

const open = (troubledForMs: number) =>
  sourceFrame({ breaker: breakerFrame({ state: 'open', troubledForMs }) });

describe('the sentence of the moment', () => {
  it('waits for the first second, and then for the first request', () => {
    expect(said([])).toMatchObject({ level: 'idle', text: 'Waiting for the first second of data' });
    expect(said([frame(1)])).toMatchObject({
      level: 'idle',
      text: 'Waiting for the first request',
    });
  });

  it('says that all is well, also when nobody asks any more', () => {
    expect(said([frame(1, { success: 5 }), frame(2)])).toMatchObject({
      level: 'ok',
      text: 'All sources healthy',
    });
  });

  it('names the open circuit, since when, and what it costs', () => {
    const frames = [frame(1, { success: 62, partial_success: 38 }, { orders: open(12_000) })];
    expect(said(frames)).toMatchObject({
      level: 'bad',
      text: 'orders: circuit open for 12 s; 38 % of answers partial',
    });
  });

  it('is no other news when only the numbers move or a probe goes out', () => {
    const probing = sourceFrame({
      breaker: breakerFrame({ state: 'half_open', troubledForMs: 13_000 }),
    });
    const [one, other] = [open(12_000), probing].map((orders) =>
      said([frame(1, { success: 1 }, { orders })]),
    );
    expect(one?.key).toBe(other?.key);
    expect(one?.text).not.toBe(other?.text);
  });

  it.each([
    ['missing', sourceFrame({ fresh: 9, missing: 1 }), 'user: 10 % missing'],
    ['stale', sourceFrame({ fresh: 3, stale: 1 }), 'user: 25 % from memory'],
  ])('tells of a source that is often %s', (_what, user, text) => {
    expect(said([frame(1, { success: 100 }, { user })])).toMatchObject({ level: 'warn', text });
  });

  it('does not mind one failure in a hundred', () => {
    const user = sourceFrame({ fresh: 99, missing: 1 });
    expect(said([frame(1, { success: 99, partial_success: 1 }, { user })]).level).toBe('ok');
  });

  it.each([
    [frame(1, { success: 1, failure: 1 }), '50 % of answers failed'],
    [frame(1, { success: 1, shed: 30 }), '30 requests/s shed'],
    [frame(1, { success: 1 }, {}, { loopDelayMs: 160 }), 'event loop 160 ms late'],
  ])('takes %# for bad', (second, text) => {
    expect(said([second])).toMatchObject({ level: 'bad', text });
  });

  it('tells of ejected instances last, and counts what does not fit', () => {
    const row: InstanceRow = {
      address: 'a:1',
      inFlight: 0,
      latencyMs: null,
      weight: 1,
      share: 0,
      ejectedForMs: 5_000,
    };
    const frames = [
      frame(1, { partial_success: 1, shed: 1 }, { user: open(1_000), orders: open(2_000) }),
    ];
    expect(said(frames, { user: [row, { ...row, ejectedForMs: null }] }).text).toBe(
      'user: circuit open for 1 s; orders: circuit open for 2 s; 1 requests/s shed; and 2 more',
    );
  });
});
