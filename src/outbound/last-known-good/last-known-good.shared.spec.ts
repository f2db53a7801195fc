import { describe, expect, it } from '@jest/globals';
import { FakeRedis, settled } from '../../../test/support/fake-redis.ts';
import {
  bodyOf,
  memoryUnderTest,
  type MemoryOptions,
} from '../../../test/support/last-known-good.ts';
import { outboundCall, THING, type CallOptions } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';

/** Replicas with a Redis between them. */
function replicas(options: MemoryOptions = {}) {
  const clock = new VirtualClock();
  const redis = new FakeRedis(clock);
  const call = (of: CallOptions = {}) => outboundCall(clock, of);
  const sharing = (own: MemoryOptions = {}) =>
    memoryUnderTest(clock, { ...options, ...own, redis });
  return { clock, redis, call, sharing };
}

describe('LastKnownGood of several replicas', () => {
  it('gives what another one has seen, and has it here from then on', async () => {
    const { clock, redis, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    one.memory.remember(call(), bodyOf());
    await settled();
    clock.advance(1_000);
    expect(other.memory.stale(call())).toBeUndefined();
    await other.memory.recallShared(call());
    clock.advance(500);
    expect(other.memory.stale(call())).toEqual({ value: THING, ageMs: 1_500 });
    expect(redis.log).toEqual(['set', 'pttl', 'getrange']);
    expect(other.events).toEqual(['thing: hit']);
  });

  it('refuses what is too old for this one, however long another one would keep it', async () => {
    const { clock, call, sharing } = replicas();
    const patient = sharing({ staleMs: 600_000 });
    const strict = sharing({ staleMs: 10_000 });
    patient.memory.remember(call(), bodyOf());
    await settled();
    clock.advance(9_999);
    await strict.memory.recallShared(call());
    expect(strict.memory.stale(call())).toMatchObject({ ageMs: 9_999 });
    clock.advance(1);
    await strict.memory.recallShared(call());
    expect(strict.memory.stale(call())).toBeUndefined();
  });

  it('hands on an answer that is the same all the time once a second', async () => {
    const { clock, redis, call, sharing } = replicas();
    const { memory } = sharing();
    for (let at = 0; at < 30; at += 1) {
      memory.remember(call(), bodyOf());
      await settled();
      clock.advance(100);
    }
    expect(redis.log).toEqual(['set', 'set', 'set']);
  });

  it('hands on an answer that has changed at once: it may be the last one', async () => {
    const { clock, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    for (const name of ['old', 'new']) {
      one.memory.remember(call(), bodyOf({ name }));
      await settled();
      clock.advance(100);
    }
    await other.memory.recallShared(call());
    expect(other.memory.stale(call())).toEqual({ value: { name: 'new' }, ageMs: 100 });
  });

  it('hands on what has changed while Redis was away as soon as it is there again', async () => {
    const { redis, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    one.memory.remember(call(), bodyOf({ name: 'old' }));
    await settled();
    redis.status = 'reconnecting';
    one.memory.remember(call(), bodyOf({ name: 'new' }));
    redis.status = 'ready';
    one.memory.remember(call(), bodyOf({ name: 'new' }));
    await settled();
    await other.memory.recallShared(call());
    expect(other.memory.stale(call())).toMatchObject({ value: { name: 'new' } });
  });

  it('hands it on as soon as Redis is there again', async () => {
    const { redis, call, sharing } = replicas();
    const { memory, events } = sharing();
    redis.status = 'reconnecting';
    memory.remember(call(), bodyOf());
    redis.status = 'ready';
    memory.remember(call(), bodyOf());
    await settled();
    expect(events).toEqual(['thing: write_dropped']);
    expect(redis.log).toEqual(['set']);
  });

  it('neither writes nor reads for a source that lets nothing stand in', async () => {
    const { redis, call, sharing } = replicas({ staleMs: 0, freshMs: 5_000 });
    const { memory } = sharing();
    memory.remember(call(), bodyOf());
    memory.forget(call());
    await memory.recallShared(call());
    expect(memory.isShared).toBe(false);
    expect(redis.log).toEqual([]);
  });

  it('forgets everywhere but in the memories of others', async () => {
    const { redis, call, sharing } = replicas();
    const [one, other, late] = [sharing(), sharing(), sharing()];
    one.memory.remember(call(), bodyOf());
    await settled();
    await other.memory.recallShared(call());
    one.memory.forget(call());
    await late.memory.recallShared(call());
    expect(redis.stored.size).toBe(0);
    expect(one.memory.stale(call())).toBeUndefined();
    expect(late.memory.stale(call())).toBeUndefined();
    expect(other.memory.stale(call())).toBeDefined();
  });

  it('does not bring back from Redis what was forgotten while it was asked', async () => {
    const { redis, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    one.memory.remember(call(), bodyOf());
    await settled();
    redis.isHeld = true;
    const recalled = other.memory.recallShared(call());
    other.memory.forget(call());
    const again = other.memory.recallShared(call());
    redis.release();
    await Promise.all([recalled, again]);
    expect(other.memory.stale(call())).toBeUndefined();
  });

  it('keeps the newer answer when Redis has an older one', async () => {
    const { clock, redis, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    one.memory.remember(call(), bodyOf({ name: 'older' }));
    await settled();
    clock.advance(1_000);
    redis.isHeld = true;
    const recalled = other.memory.recallShared(call());
    other.memory.remember(call(), bodyOf({ name: 'newer' }));
    redis.release();
    await recalled;
    expect(other.memory.stale(call())).toEqual({ value: { name: 'newer' }, ageMs: 0 });
  });

  it('asks once for all who want the same at the same time', async () => {
    const { redis, call, sharing } = replicas();
    const { memory } = sharing();
    await Promise.all([1, 2, 3].map(() => memory.recallShared(call())));
    expect(redis.log).toEqual(['pttl', 'getrange']);
    await memory.recallShared(call());
    expect(redis.log).toHaveLength(4);
  });

  it('drops what does not match the contract, here and in Redis', async () => {
    const { redis, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    one.memory.remember(call(), bodyOf({ nme: 'not a thing' }));
    await settled();
    await other.memory.recallShared(call());
    expect(other.memory.stale(call())).toBeUndefined();
    await settled();
    expect(redis.stored.size).toBe(0);
    expect(other.events).toEqual(['thing: hit', 'thing: garbage']);
  });

  it('takes nothing from Redis that is larger than an answer may be', async () => {
    const { call, sharing } = replicas();
    const [one, other] = [sharing(), sharing({ maxResponseBytes: bodyOf().length - 1 })];
    one.memory.remember(call(), bodyOf());
    await settled();
    await other.memory.recallShared(call());
    expect(other.memory.stale(call())).toBeUndefined();
    expect(other.events).toEqual(['thing: garbage']);
  });

  it.each([[1], [20], [2_000]])('is no younger for %i ms that Redis took', async (tookMs) => {
    const { clock, redis, call, sharing } = replicas();
    const [one, other] = [sharing(), sharing()];
    one.memory.remember(call(), bodyOf());
    await settled();
    clock.advance(1_000);
    const recalled = other.memory.recallShared(call());
    clock.stall(tookMs);
    redis.release();
    await recalled;
    expect(other.memory.stale(call())?.ageMs).toBe(1_000 + tookMs);
  });
});
