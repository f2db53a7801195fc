import { describe, expect, it } from '@jest/globals';
import { sourceUnderTest, codesOf, THING } from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../../../errors/errors.ts';

/** One whole source that coalesces, over a network played by hand. */
function source(knobs: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock();
  const made = sourceUnderTest(clock, { COALESCE: 'on', ...knobs });
  const { transport, bulkhead } = made;
  const askMany = (count: number) => Array.from({ length: count }, () => made.ask());
  const expectNothingLeft = (calls: readonly { end(): void }[]): void => {
    for (const { end } of calls) end();
    for (const exchange of transport.sent) exchange.free();
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(clock.pending).toBe(0);
  };
  return { ...made, clock, askMany, expectNothingLeft };
}

describe('identical calls in flight at once', () => {
  it('are one: a hundred callers, one request, a hundred answers', () => {
    const { transport, bulkhead, askMany, expectNothingLeft } = source({ MAX_CONCURRENT: '1' });
    const calls = askMany(100);
    expect(transport.sent).toHaveLength(1);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 0 });
    transport.exchange(0).answer();
    for (const { values, events } of calls) {
      expect(values).toMatchObject([{ value: THING }]);
      expect(events).toEqual(['value', 'complete']);
    }
    expectNothingLeft(calls);
  });

  it('share the trail of the flight: what is reported of one is reported of all', () => {
    const { clock, transport, ask, expectNothingLeft } = source({ RETRIES: '1' });
    const first = ask();
    transport.exchange(0).fail(new SourceStatusError(503));
    const joined = ask();
    clock.advance(25);
    transport.exchange(1).answer();
    const [trail, other] = [first.call.context.trail, joined.call.context.trail];
    expect(other).toBe(trail);
    expect(trail.attempts).toMatchObject([{ kind: 'first' }, { kind: 'retry' }]);
    expect([first, joined].map(({ call }) => call.context.isCoalesced)).toEqual([false, true]);
    expectNothingLeft([first, joined]);
  });

  it.each([
    ['another path', { path: '/things/2' }],
    ['another audience', { audience: 'somebody else' }],
    ['a path that ends as the audience begins', { path: '/things/1\n', audience: '' }],
  ])('are not those with %s', (_what, options) => {
    const { transport, ask, expectNothingLeft } = source();
    const calls = [ask(), ask(options)];
    expect(transport.sent).toHaveLength(2);
    for (const exchange of transport.sent) exchange.answer();
    expectNothingLeft(calls);
  });

  it('are those of the same audience', () => {
    const { transport, ask, expectNothingLeft } = source();
    const calls = [ask({ audience: 'ann' }), ask({ audience: 'ann' })];
    expect(transport.sent).toHaveLength(1);
    transport.exchange(0).answer();
    expectNothingLeft(calls);
  });

  it('are two requests with COALESCE=off', () => {
    const { transport, askMany, expectNothingLeft } = source({ COALESCE: 'off' });
    const calls = askMany(2);
    expect(transport.sent).toHaveLength(2);
    for (const exchange of transport.sent) exchange.answer();
    expectNothingLeft(calls);
  });

  it('pay into the budget once, and count for the breaker once', () => {
    const { transport, budget, breaker, askMany, expectNothingLeft } = source();
    const calls = askMany(10);
    transport.exchange(0).fail(new SourceStatusError(500));
    const other = askMany(1);
    transport.exchange(1).answer();
    expect(budget.balance).toBe(10.2);
    expect(breaker.failureRatio).toBe(0.5);
    expectNothingLeft([...calls, ...other]);
  });
});

describe('a shared failure', () => {
  it('is told to everybody once, and never used again', () => {
    const { transport, askMany, ask, expectNothingLeft } = source();
    const calls = askMany(5);
    transport.exchange(0).fail(new SourceStatusError(500));
    for (const { errors } of calls) expect(codesOf(errors)).toEqual(['server_error']);
    const next = ask();
    expect(transport.sent).toHaveLength(2);
    transport.exchange(1).answer();
    expect(next.values).toHaveLength(1);
    expectNothingLeft([...calls, next]);
  });

  it('is not met by who asks again on hearing of it', () => {
    const { transport, runtime, ask, expectNothingLeft } = source();
    const first = ask();
    let again: ReturnType<typeof ask> | undefined;
    runtime.ask(first.call).subscribe({ error: () => (again = ask()) });
    transport.exchange(0).fail(new SourceStatusError(500));
    expect(transport.sent).toHaveLength(2);
    transport.exchange(1).answer();
    expect(again?.values).toHaveLength(1);
    expectNothingLeft([first, ...(again === undefined ? [] : [again])]);
  });

  it('by a refusal of ours is told to everybody too', () => {
    const { askMany, expectNothingLeft } = source({ MAX_CONCURRENT: '0', MAX_QUEUE: '0' });
    const calls = askMany(2);
    for (const { errors } of calls) expect(codesOf(errors)).toEqual(['bulkhead_full']);
    expectNothingLeft(calls);
  });
});

describe('who leaves a shared call', () => {
  it('disturbs nobody, not even as the one who asked first', () => {
    const { transport, askMany, expectNothingLeft } = source();
    const calls = askMany(100);
    calls[0]?.unsubscribe();
    calls[0]?.end();
    expect(transport.exchange(0).aborted).toBe(false);
    transport.exchange(0).answer();
    expect(calls.map(({ values }) => values.length)).toEqual([0, ...Array(99).fill(1)]);
    expect(transport.sent).toHaveLength(1);
    expectNothingLeft(calls);
  });

  it('aborts it as the last one, and nobody before', () => {
    const { transport, breaker, askMany, expectNothingLeft } = source();
    const calls = askMany(3);
    for (const at of [1, 0]) calls[at]?.unsubscribe();
    expect(transport.exchange(0).aborted).toBe(false);
    calls[2]?.unsubscribe();
    expect(transport.exchange(0).aborted).toBe(true);
    expect(breaker.failureRatio).toBe(0);
    expectNothingLeft(calls);
  });

  it('as the last one leaves nothing to join: the next one asks anew', () => {
    const { transport, ask, expectNothingLeft } = source();
    const first = ask();
    first.unsubscribe();
    const second = ask();
    expect(transport.sent).toHaveLength(2);
    expect(second.call.context.isCoalesced).toBe(false);
    transport.exchange(1).answer();
    expectNothingLeft([first, second]);
  });

  it('as the last one while it stands in line or waits for a retry leaves nothing behind', () => {
    const { clock, transport, bulkhead, ask, expectNothingLeft } = source({
      RETRIES: '1',
      MAX_CONCURRENT: '1',
    });
    const [holder, waiting] = [ask({ path: '/things/2' }), ask()];
    expect(bulkhead.queued).toBe(1);
    waiting.unsubscribe();
    expect(bulkhead.queued).toBe(0);
    transport.exchange(0).fail(new SourceStatusError(503));
    holder.unsubscribe();
    clock.advance(100);
    expect(transport.sent).toHaveLength(1);
    expectNothingLeft([holder, waiting]);
  });
});
