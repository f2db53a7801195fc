import { describe, expect, it } from '@jest/globals';
import { countedDeadline } from '../../../../test/support/counted-deadline.ts';
import { through } from '../../../../test/support/layered.ts';
import { FakeRedis, settled } from '../../../../test/support/fake-redis.ts';
import {
  bodyOf,
  memoryUnderTest,
  type MemoryOptions,
} from '../../../../test/support/last-known-good.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
  type CallOptions,
} from '../../../../test/support/outbound.ts';
import { whenExpired } from '../../../../test/support/when-expired.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { DeadlineExceededError, SourceStatusError } from '../../../errors/errors.ts';
import { RECALL_MS } from '../../last-known-good/shared-answers.ts';
import { AHEAD_MS, LastKnownGoodInterceptor } from './last-known-good.interceptor.ts';

/** This replica, another one that has seen an answer 1 s ago, and the Redis between them. */
async function sharing(options: MemoryOptions = {}) {
  const clock = new VirtualClock();
  const redis = new FakeRedis(clock);
  const other = memoryUnderTest(clock, { redis });
  other.memory.remember(outboundCall(clock), bodyOf());
  await settled();
  clock.advance(1_000);
  redis.log.length = 0;
  const { memory, events } = memoryUnderTest(clock, { ...options, redis });
  const interceptor = new LastKnownGoodInterceptor(memory, clock);
  const ask = (of: CallOptions = {}) => {
    const next = new HeldHandler();
    const asked = outboundCall(clock, of);
    const { deadline, waiting } = countedDeadline(asked.context.deadline);
    const call = { ...asked, context: { ...asked.context, deadline } };
    return { next, call, waiting, ...watch(through(interceptor, call, next)) };
  };
  return { clock, redis, memory, memoryEvents: events, ask };
}

describe('the last-known-good interceptor of a replica that has seen nothing itself', () => {
  const failure = new SourceStatusError(500);
  /** What is left of the usual 1,500 ms for the answer. */
  const LEFT_MS = 1_440;

  it('gives what another one has seen', async () => {
    const { clock, ask } = await sharing();
    const { next, call, waiting, values, events } = ask();
    next.fail(failure);
    expect(events).toEqual([]);
    expect(waiting.size).toBe(1);
    await settled();
    expect(waiting.size).toBe(0);
    expect(events).toEqual(['value', 'complete']);
    const remembered = { ageMs: 1_000, reason: 'upstream_error' };
    expect(values).toEqual([{ value: THING, remembered }]);
    expect(call.context.cache).toBe('stale');
    call.dispose();
    expect(clock.pending).toBe(0);
  });

  it.each([401, 403, 404])('does not ask for what is not to be served: %i', async (status) => {
    const { clock, redis, ask } = await sharing();
    const { next, call, events } = ask();
    next.fail(new SourceStatusError(status));
    expect(events).toEqual(['error']);
    expect(redis.log).not.toContain('getrange');
    call.dispose();
    expect(clock.pending).toBe(0);
  });

  it('erases for all on 404', async () => {
    const { redis, ask } = await sharing();
    ask().next.fail(new SourceStatusError(404));
    await settled();
    expect(redis.stored.size).toBe(0);
  });

  it('never asks Redis on the way to a good answer', async () => {
    const { clock, redis, ask } = await sharing({ freshMs: 60_000 });
    const { next, call, events } = ask();
    expect(next.subscriptions).toBe(1);
    next.answer(THING, bodyOf());
    expect(events).toEqual(['value', 'complete']);
    await settled();
    expect(redis.log).toEqual(['set']);
    call.dispose();
    expect(clock.pending).toBe(0);
  });

  it('passes the failure on when the other ones know nothing either', async () => {
    const { clock, redis, ask } = await sharing();
    redis.stored.clear();
    const { next, call, errors } = ask();
    next.fail(failure);
    await settled();
    expect(errors).toEqual([failure]);
    call.dispose();
    expect(clock.pending).toBe(0);
  });

  it('waits for Redis for a few ms only', async () => {
    const { clock, redis, memoryEvents, ask } = await sharing();
    redis.isHeld = true;
    const { next, events, errors } = ask();
    next.fail(failure);
    clock.advance(RECALL_MS - 1);
    await settled();
    expect(events).toEqual([]);
    clock.advance(1);
    await settled();
    expect(errors).toEqual([failure]);
    redis.release();
    await settled();
    expect(events).toEqual(['error']);
    expect(memoryEvents).toEqual(['thing: read_timeout']);
  });

  it('never waits beyond the deadline, and then says what happened first', async () => {
    const { clock, redis, ask } = await sharing();
    redis.status = 'reconnecting';
    const { next, call, events, errors } = ask();
    clock.advance(LEFT_MS - 5);
    await settled();
    redis.status = 'ready';
    redis.isHeld = true;
    next.fail(failure);
    let isOver = false;
    whenExpired(call.context.deadline, () => (isOver = true));
    clock.advance(4);
    await settled();
    expect(events).toEqual([]);
    clock.advance(1);
    expect(isOver).toBe(true);
    expect(errors).toEqual([failure]);
    redis.release();
    await settled();
    expect(events).toEqual(['error']);
    expect(call.context.cache).toBe('miss');
  });

  it('has no more patience at the deadline itself', async () => {
    const { clock, redis, ask } = await sharing();
    redis.isHeld = true;
    const { next, call, events } = ask();
    let atOnce: readonly string[] = [];
    whenExpired(call.context.deadline, () => {
      next.fail(new DeadlineExceededError());
      atOnce = [...events];
    });
    clock.advance(LEFT_MS);
    expect(atOnce).toEqual(['error']);
    redis.release();
    await settled();
    expect(clock.pending).toBe(0);
  });

  it('asks shortly before the deadline, so that it has an answer when that comes', async () => {
    const { clock, redis, ask } = await sharing();
    const { next, call, values } = ask();
    // As the deadline interceptor does.
    whenExpired(call.context.deadline, () => next.fail(new DeadlineExceededError()));
    clock.advance(LEFT_MS - AHEAD_MS - 1);
    expect(redis.log).toEqual([]);
    clock.advance(1);
    expect(redis.log).toEqual(['pttl', 'getrange']);
    await settled();
    clock.advance(AHEAD_MS);
    // In the same turn, or the leg would have given up.
    expect(values).toMatchObject([{ value: THING, remembered: { reason: 'timeout' } }]);
    expect(values[0]?.remembered?.ageMs).toBe(1_000 + LEFT_MS);
    expect(redis.log).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('has no timer when it knows the answer itself', async () => {
    const { clock, memory, ask } = await sharing();
    memory.remember(outboundCall(clock), bodyOf());
    ask();
    expect(clock.pending).toBe(0);
  });

  it('passes an answer on that comes while Redis is being asked ahead', async () => {
    const { clock, redis, ask } = await sharing();
    redis.isHeld = true;
    const { next, values, events } = ask();
    clock.advance(LEFT_MS - AHEAD_MS);
    next.answer({ name: 'newer' }, bodyOf({ name: 'newer' }));
    redis.release();
    await settled();
    expect(events).toEqual(['value', 'complete']);
    expect(values).toMatchObject([{ value: { name: 'newer' } }]);
    expect(values[0]?.remembered).toBeUndefined();
  });

  it.each<[string, boolean, number]>([
    ['while the source is asked', false, 0],
    ['while Redis is asked', true, 0],
    ['while Redis is asked ahead', false, LEFT_MS - AHEAD_MS],
  ])('says nothing to who has left %s, and leaves nothing behind', async (_when, fails, atMs) => {
    const { clock, redis, ask } = await sharing();
    redis.isHeld = true;
    const { next, call, events, unsubscribe } = ask();
    clock.advance(atMs);
    if (fails) next.fail(failure);
    unsubscribe();
    call.dispose();
    expect(next.cancellations).toBe(fails ? 0 : 1);
    redis.release();
    await settled();
    expect(events).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('passes the failure on when Redis has something that is not an answer', async () => {
    const { redis, memoryEvents, ask } = await sharing();
    for (const entry of redis.stored.values()) entry.value = Buffer.from('+garbage');
    const { next, errors } = ask();
    next.fail(failure);
    await settled();
    expect(codesOf(errors)).toEqual(['server_error']);
    expect(memoryEvents).toEqual(['thing: garbage']);
  });

  it('is not slower for a Redis that is not there', async () => {
    const { redis, ask } = await sharing();
    redis.status = 'reconnecting';
    const { next, errors } = ask();
    next.fail(failure);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(errors).toEqual([failure]);
  });
});
