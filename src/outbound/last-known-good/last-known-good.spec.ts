import { describe, expect, it } from '@jest/globals';
import {
  bodyOf,
  memoryUnderTest,
  type MemoryOptions,
} from '../../../test/support/last-known-good.ts';
import { outboundCall, THING, type CallOptions } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { AnswerMemory } from './answer-memory.ts';

/** One replica that remembers. */
function replica(options: MemoryOptions = {}) {
  const clock = new VirtualClock();
  const call = (of: CallOptions = {}) => outboundCall(clock, of);
  return { clock, call, ...memoryUnderTest(clock, options) };
}

describe('LastKnownGood', () => {
  it('gives the last answer with its age', () => {
    const { clock, call, memory } = replica();
    expect(memory.stale(call())).toBeUndefined();
    memory.remember(call(), bodyOf({ name: 'older' }));
    clock.advance(500);
    memory.remember(call(), bodyOf());
    clock.advance(1_234);
    expect(memory.stale(call())).toEqual({ value: THING, ageMs: 1_234 });
  });

  it('gives what the contract of today says of it: unknown fields are dropped', () => {
    const { call, memory } = replica();
    memory.remember(call(), bodyOf({ ...THING, secret: 'x' }));
    expect(memory.stale(call())?.value).toEqual(THING);
  });

  it.each([
    [0, true],
    [59_999, true],
    [60_000, false],
  ])('lets an answer of %i ms stand in: %s', (ageMs, does) => {
    const { clock, call, memory } = replica({ staleMs: 60_000, freshMs: 5_000 });
    memory.remember(call(), bodyOf());
    clock.advance(ageMs);
    expect(memory.stale(call()) !== undefined).toBe(does);
  });

  it.each([
    [0, true],
    [4_999, true],
    [5_000, false],
  ])('gives an answer of %i ms without asking: %s', (ageMs, does) => {
    const { clock, call, memory } = replica({ freshMs: 5_000 });
    memory.remember(call(), bodyOf());
    clock.advance(ageMs);
    expect(memory.fresh(call()) !== undefined).toBe(does);
  });

  it('gives it again and again without asking, also when it may not stand in for that long', () => {
    const { clock, call, memory } = replica({ staleMs: 1_000, freshMs: 5_000 });
    memory.remember(call(), bodyOf());
    for (const waitMs of [2_000, 2_000, 999]) {
      clock.advance(waitMs);
      expect(memory.stale(call())).toBeUndefined();
      expect(memory.fresh(call())).toBeDefined();
    }
  });

  it('gives nothing without asking unless it may, and lets nothing stand in unless it may', () => {
    const { call, memory: onlyFresh } = replica({ staleMs: 0, freshMs: 5_000 });
    onlyFresh.remember(call(), bodyOf());
    expect(onlyFresh.fresh(call())).toBeDefined();
    expect(onlyFresh.stale(call())).toBeUndefined();
    const onlyStale = replica({ staleMs: 5_000, freshMs: 0 }).memory;
    onlyStale.remember(call(), bodyOf());
    expect(onlyStale.fresh(call())).toBeUndefined();
    expect(onlyStale.stale(call())).toBeDefined();
  });

  it('lets go of what is of no use any more', () => {
    const { clock, call, memory, answers } = replica();
    memory.remember(call(), bodyOf());
    clock.advance(60_000);
    memory.stale(call());
    expect(answers.bytes).toBe(0);
  });

  it.each<[string, CallOptions]>([
    ['another user', { path: '/things/2' }],
    ['another language', { audience: 'de' }],
    ['another caller', { audience: 'en\nanother-hash' }],
    ['no language', { audience: '' }],
  ])('never gives it to %s', (_who, other) => {
    const { call, memory } = replica({ freshMs: 60_000 });
    const mine: CallOptions = { path: '/things/1', audience: 'en\nhash' };
    memory.remember(call(mine), bodyOf());
    expect(memory.stale(call({ ...mine, ...other }))).toBeUndefined();
    expect(memory.fresh(call({ ...mine, ...other }))).toBeUndefined();
    expect(memory.stale(call(mine))).toBeDefined();
  });

  it('never gives it to another source, although all share one memory', () => {
    const answers = new AnswerMemory();
    const { call, memory } = replica({ answers });
    const other = replica({ answers, source: 'other' }).memory;
    memory.remember(call(), bodyOf());
    expect(other.stale(call())).toBeUndefined();
    other.forget(call());
    expect(memory.stale(call())).toBeDefined();
  });

  it('forgets', () => {
    const { call, memory, answers } = replica();
    memory.remember(call(), bodyOf());
    memory.remember(call({ path: '/things/2' }), bodyOf());
    memory.forget(call());
    expect(memory.stale(call())).toBeUndefined();
    expect(memory.stale(call({ path: '/things/2' }))).toBeDefined();
    memory.forget(call({ path: '/things/2' }));
    expect(answers.bytes).toBe(0);
  });

  it('remembers once what many callers of one call bring', () => {
    const { clock, call, memory } = replica();
    const body = bodyOf();
    memory.remember(call(), body);
    clock.advance(1_000);
    memory.remember(call(), body);
    expect(memory.stale(call())?.ageMs).toBe(1_000);
  });
});
