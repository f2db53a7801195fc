import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import {
  codesOf,
  HeldHandler,
  outboundCall,
  THING,
  watch,
} from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../../../errors/errors.ts';
import { Bulkhead } from '../../bulkhead/bulkhead.ts';
import type { OutboundHandler } from '../../outbound.interceptor.ts';
import { BulkheadInterceptor } from './bulkhead.interceptor.ts';

function limited(maxConcurrent = 1, maxQueue = 2) {
  const clock = new VirtualClock();
  const bulkhead = new Bulkhead({ maxConcurrent, maxQueue, maxQueueWaitMs: 75 }, clock);
  const interceptor = new BulkheadInterceptor(bulkhead);
  const ask = (totalMs = 1_500, below?: OutboundHandler) => {
    const next = new HeldHandler();
    const call = outboundCall(clock, { totalMs, reserveMs: 0 });
    const seen = watch(through(interceptor, call, below ?? next));
    return { next, call, seen, free: () => call.attempt.wire.free() };
  };
  return { clock, bulkhead, ask };
}

describe('the bulkhead interceptor', () => {
  it('sends a queued call when the one before it has answered and its socket is done', () => {
    const { bulkhead, ask } = limited();
    const first = ask();
    const second = ask();
    expect(second.next.subscriptions).toBe(0);
    first.next.answer(THING);
    expect(second.next.subscriptions).toBe(0);
    first.free();
    expect(second.next.subscriptions).toBe(1);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
  });

  it('keeps the permit of a cancelled attempt until its socket is done', () => {
    const { bulkhead, ask } = limited();
    const first = ask();
    const second = ask();
    first.seen.unsubscribe();
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 1 });
    first.free();
    expect(second.next.subscriptions).toBe(1);
  });

  it('keeps the permit of a failed attempt while its socket still drains', () => {
    const { bulkhead, ask } = limited();
    const first = ask();
    first.next.fail(new SourceStatusError(500));
    expect(bulkhead.inFlight).toBe(1);
    first.free();
    expect(bulkhead.inFlight).toBe(0);
  });

  it('never sends a call that was cancelled in the line', () => {
    const { clock, bulkhead, ask } = limited();
    const first = ask();
    const second = ask();
    second.seen.unsubscribe();
    expect(bulkhead.queued).toBe(0);
    first.seen.unsubscribe();
    first.free();
    expect(second.next.subscriptions).toBe(0);
    expect(bulkhead.inFlight).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('refuses a call when the line is full, and sends nothing of it', () => {
    const { ask } = limited(1, 0);
    ask();
    const { next, seen } = ask();
    expect(codesOf(seen.errors)).toEqual(['bulkhead_full']);
    expect(next.subscriptions).toBe(0);
  });

  it('refuses a call that waited too long', () => {
    const { clock, ask } = limited();
    ask();
    const { next, seen } = ask();
    clock.advance(75);
    expect(codesOf(seen.errors)).toEqual(['queue_timeout']);
    expect(next.subscriptions).toBe(0);
  });

  it('lets nobody wait longer than the deadline', () => {
    const { clock, ask } = limited();
    ask();
    const { seen } = ask(40);
    clock.advance(40);
    expect(codesOf(seen.errors)).toEqual(['deadline_exceeded']);
  });

  it('writes down how long a call stood in line, whether it got a permit or not', () => {
    const { clock, ask } = limited();
    const first = ask();
    const [granted, refused] = [ask(), ask()];
    clock.advance(30);
    first.next.answer(THING);
    first.free();
    clock.advance(45);
    expect(codesOf(refused.seen.errors)).toEqual(['queue_timeout']);
    const waitedMs = [first, granted, refused].map(({ call }) => call.context.trail.queuedMs);
    expect(waitedMs).toEqual([0, 30, 75]);
  });

  it('adds up what the attempts of a call waited', () => {
    const { clock, bulkhead, ask } = limited();
    const first = ask();
    const { call } = ask();
    call.context.trail.queuedMs = 20;
    clock.advance(30);
    first.seen.unsubscribe();
    first.free();
    expect(bulkhead.queued).toBe(0);
    expect(call.context.trail.queuedMs).toBe(50);
  });

  it('costs no permit, and nobody else anything, when what is below breaks after a wait', () => {
    const { bulkhead, ask } = limited();
    const first = ask();
    const bug = new TypeError('our bug');
    const broken = ask(1_500, {
      handle: () => {
        throw bug;
      },
    });
    const third = ask();
    first.next.answer(THING);
    first.free();
    expect(broken.seen.errors).toEqual([bug]);
    expect(third.next.subscriptions).toBe(1);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
  });
});
