import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { FakeRedis, settled } from '../../../test/support/fake-redis.ts';
import { THING, ThingSchema } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { DEFLATE_FROM_BYTES } from './sealed-answer.ts';
import { MAX_PENDING, RECALL_MS, SharedAnswers } from './shared-answers.ts';

const KEY = 'thing\n/things/42\nen';
const BODY = Buffer.from(JSON.stringify(THING));

/** Two replicas and the Redis between them. */
function replicas() {
  const clock = new VirtualClock();
  const redis = new FakeRedis(clock);
  const events: string[] = [];
  const replica = (source = 'thing') =>
    new SharedAnswers(
      redis,
      { source, lifetimeMs: 60_000, maxBodyBytes: 1_000_000 },
      clock,
      (event) => events.push(event),
    );
  return { clock, redis, events, replica, shared: replica(), other: replica() };
}

const read = (from: SharedAnswers, key = KEY, schema: z.ZodType = ThingSchema) =>
  from.read(key, schema);

describe('SharedAnswers', () => {
  it('gives one replica what another one wrote, with its age', async () => {
    const { clock, shared, other, events } = replicas();
    expect(shared.write(KEY, ThingSchema, BODY)).toBe(true);
    await settled();
    clock.advance(1_234);
    expect(await read(other)).toEqual({ body: BODY, ageMs: 1_234 });
    expect(events).toEqual(['hit']);
    expect(clock.pending).toBe(0);
  });

  it('lets Redis forget it after its lifetime', async () => {
    const { clock, shared, other, events } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    clock.advance(60_000);
    expect(await read(other)).toBeUndefined();
    expect(events).toEqual(['miss']);
  });

  it('names keys by source, contract and a hash: nothing of a user, a path or a caller', async () => {
    const { redis, shared } = replicas();
    shared.write('thing\n/things/alice@example.com\nde-CH\nhash', ThingSchema, BODY);
    await settled();
    const [name] = [...redis.stored.keys()];
    expect(name).toMatch(/^tributary:thing:[\w-]{8}:[\w-]{43}$/);
    expect(redis.stored.values().next().value?.value.toString('latin1')).not.toContain('alice');
  });

  it('keeps answers apart by key, by source, and by contract', async () => {
    const { shared, replica } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    expect(await read(replica(), 'thing\n/things/43\nen')).toBeUndefined();
    expect(await read(replica('other'))).toBeUndefined();
    const older = z.object({ name: z.string(), more: z.string() });
    expect(await read(replica(), KEY, older)).toBeUndefined();
    expect(await read(replica())).toBeDefined();
  });

  it('writes a large answer without holding up the loop, and reads it again', async () => {
    const { redis, shared, other } = replicas();
    const large = Buffer.from(JSON.stringify({ name: 'x'.repeat(2 * DEFLATE_FROM_BYTES) }));
    shared.write(KEY, ThingSchema, large);
    while (redis.stored.size === 0) await settled();
    expect(redis.stored.values().next().value?.value.length).toBeLessThan(1_000);
    expect((await read(other))?.body.equals(large)).toBe(true);
  });

  it('does not let an older answer that took longer overwrite a newer one', async () => {
    const { redis, shared, other } = replicas();
    shared.write(KEY, ThingSchema, Buffer.from(JSON.stringify({ name: 'x'.repeat(100_000) })));
    shared.write(KEY, ThingSchema, BODY);
    for (let turn = 0; turn < 200; turn += 1) await settled();
    expect(redis.log).toEqual(['set']);
    expect((await read(other))?.body).toEqual(BODY);
  });

  it('erases what is written, and what is on its way', async () => {
    const { redis, shared, other } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    shared.erase(KEY, ThingSchema);
    expect(await read(other)).toBeUndefined();
    shared.write(KEY, ThingSchema, Buffer.from(JSON.stringify({ name: 'x'.repeat(100_000) })));
    shared.erase(KEY, ThingSchema);
    for (let turn = 0; turn < 200; turn += 1) await settled();
    expect(redis.stored.size).toBe(0);
  });
});

describe('SharedAnswers, when Redis is', () => {
  it('not connected: does not even try', async () => {
    const { redis, shared, events } = replicas();
    redis.status = 'reconnecting';
    expect(shared.write(KEY, ThingSchema, BODY)).toBe(false);
    expect(await read(shared)).toBeUndefined();
    shared.erase(KEY, ThingSchema);
    expect(events).toEqual(['write_dropped', 'read_dropped', 'erase_failed']);
    expect(redis.log).toEqual([]);
  });

  it('failing: is told, and nobody else', async () => {
    const { clock, redis, shared, events } = replicas();
    redis.failure = new Error('READONLY You cannot write against a read only replica.');
    shared.write(KEY, ThingSchema, BODY);
    shared.erase('another', ThingSchema);
    expect(await read(shared)).toBeUndefined();
    await settled();
    expect(events.toSorted()).toEqual(['erase_failed', 'read_failed', 'write_failed']);
    expect(clock.pending).toBe(0);
  });

  it('slow: waits a few ms and no more, and what comes later is not heard', async () => {
    const { clock, redis, shared, other, events } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    redis.isHeld = true;
    let answer: unknown = 'waiting';
    void read(other).then((found) => (answer = found));
    clock.advance(RECALL_MS - 1);
    await settled();
    expect(answer).toBe('waiting');
    clock.advance(1);
    await settled();
    expect(answer).toBeUndefined();
    redis.release();
    await settled();
    expect(events).toEqual(['read_timeout']);
    expect(clock.pending).toBe(0);
  });

  it('late, and first all the same because our own loop was later: is used', async () => {
    const { clock, redis, shared, other } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    redis.isHeld = true;
    const found = read(other);
    clock.stall(RECALL_MS);
    redis.release();
    await settled();
    clock.advance(0);
    expect(await found).toMatchObject({ body: BODY });
  });

  it('hanging: no more than so many of each kind pile up, and all of it goes on afterwards', async () => {
    const { clock, redis, shared, events } = replicas();
    redis.isHeld = true;
    for (let at = 0; at < MAX_PENDING + 50; at += 1) {
      shared.write(`${KEY}${at}`, ThingSchema, BODY);
      void read(shared, `${KEY}${at}`);
      shared.erase(`other ${at}`, ThingSchema);
    }
    await settled();
    const count = (event: string) => events.filter((one) => one === event).length;
    expect(count('write_dropped')).toBe(50);
    expect(count('read_dropped')).toBe(50);
    expect(count('erase_failed')).toBe(50);
    clock.advance(RECALL_MS);
    redis.release();
    await settled();
    expect(redis.stored.size).toBe(MAX_PENDING);
    events.length = 0;
    expect(shared.write(KEY, ThingSchema, BODY)).toBe(true);
    expect(await read(shared, `${KEY}0`)).toBeDefined();
    shared.erase('other', ThingSchema);
    expect(events).toEqual(['hit']);
    expect(clock.pending).toBe(0);
  });

  it('hanging: no more than so many bytes pile up', async () => {
    const { redis, shared } = replicas();
    redis.isHeld = true;
    const body = Buffer.alloc(1024 * 1024);
    const taken = Array.from({ length: 20 }, (_, at) => shared.write(`${at}`, ThingSchema, body));
    expect(taken.filter(Boolean)).toHaveLength(8);
  });

  it.each([
    ['noise', Buffer.from('a'.repeat(1_000))],
    ['nothing', Buffer.alloc(0)],
  ])('talking nonsense: %s is not an answer', async (_what, value) => {
    const { clock, redis, shared, other, events } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    for (const entry of redis.stored.values()) entry.value = value;
    expect(await read(other)).toBeUndefined();
    expect(events).toEqual(['garbage']);
    expect(clock.pending).toBe(0);
  });

  it('confused: the answer to another question is not an answer', async () => {
    const { redis, shared, other, events } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    shared.write('thing\n/things/43\nen', ThingSchema, BODY);
    await settled();
    const [mine, theirs] = [...redis.stored.values()];
    if (mine && theirs) mine.value = theirs.value;
    expect(await read(other)).toBeUndefined();
    expect(events).toEqual(['garbage']);
  });

  it('holding something far too large: reads no more of it than an answer may have', async () => {
    const { redis, shared, other, events } = replicas();
    shared.write(KEY, ThingSchema, BODY);
    await settled();
    for (const entry of redis.stored.values())
      entry.value = Buffer.concat([entry.value, Buffer.alloc(5_000_000)]);
    expect(await read(other)).toBeUndefined();
    expect(events).toEqual(['garbage']);
    expect(redis.bytesRead).toBeLessThan(1_000_100);
  });
});
