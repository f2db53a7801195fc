import { describe, expect, it } from '@jest/globals';
import { sourceUnderTest, codesOf, THING } from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../../../errors/errors.ts';

/** Callers of one shared call whose deadlines differ; none of it is kept for writing. */
function source(knobs: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock();
  const made = sourceUnderTest(clock, { COALESCE: 'on', ...knobs });
  const { transport, bulkhead } = made;
  const askFor = (totalMs: number) => made.ask({ totalMs, reserveMs: 0 });
  const expectNothingLeft = (...calls: { end(): void }[]): void => {
    for (const { end } of calls) end();
    for (const exchange of transport.sent) exchange.free();
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(clock.pending).toBe(0);
  };
  return { ...made, clock, askFor, expectNothingLeft };
}

describe('each caller of a shared call', () => {
  it('is told when its own time is up, which is nothing against the source', () => {
    const { clock, transport, breaker, askFor, expectNothingLeft } = source();
    const [long, short] = [askFor(1_000), askFor(200)];
    clock.advance(200);
    expect(codesOf(short.errors)).toEqual(['deadline_exceeded']);
    expect(transport.exchange(0).aborted).toBe(false);
    clock.advance(700);
    transport.exchange(0).answer();
    expect(long.values).toMatchObject([{ value: THING }]);
    expect(breaker.failureRatio).toBe(0);
    expectNothingLeft(long, short);
  });

  it('has what is left of its own deadline, also when it joins late', () => {
    const { clock, transport, askFor, expectNothingLeft } = source();
    const first = askFor(500);
    clock.advance(400);
    const second = askFor(500);
    clock.advance(100);
    expect(codesOf(first.errors)).toEqual(['deadline_exceeded']);
    expect(second.errors).toEqual([]);
    expect(transport.exchange(0).open).toBe(true);
    clock.advance(399);
    expect(second.errors).toEqual([]);
    clock.advance(1);
    expect(codesOf(second.errors)).toEqual(['attempt_timeout']);
    expect(transport.exchange(0).aborted).toBe(true);
    expectNothingLeft(first, second);
  });

  it('hears of the attempt that timed out, when all are up at once, and the breaker hears it too', () => {
    const { clock, breaker, askFor, expectNothingLeft } = source();
    const calls = [askFor(500), askFor(500), askFor(500)];
    clock.advance(500);
    for (const { errors } of calls) expect(codesOf(errors)).toEqual(['attempt_timeout']);
    expect(breaker.failureRatio).toBe(1);
    expectNothingLeft(...calls);
  });
});

describe('a shared call runs with the longest deadline', () => {
  it('of those who wait: the source is told so', () => {
    const { transport, bulkhead, askFor, expectNothingLeft } = source({ MAX_CONCURRENT: '1' });
    const deadline = { leftMs: () => Infinity };
    const other = bulkhead.enter(deadline, {
      granted: () => undefined,
      refused: () => undefined,
    });
    const calls = [askFor(300), askFor(900), askFor(600)];
    bulkhead.leave(other);
    expect(transport.exchange(0).request.headers).toEqual(
      expect.arrayContaining(['x-request-timeout-ms', '890']),
    );
    transport.exchange(0).answer();
    expectNothingLeft(...calls);
  });

  it.each([
    { knobs: {}, what: 'an attempt that runs to the deadline' },
    { knobs: { ATTEMPT_TIMEOUT_MS: '450' }, what: 'an attempt with a limit' },
  ])('and when that one leaves, $what ends with the next longest: as a timeout', ({ knobs }) => {
    const { clock, transport, breaker, askFor, expectNothingLeft } = source(knobs);
    const [short, long] = [askFor(400), askFor(1_000)];
    long.unsubscribe();
    clock.advance(399);
    expect(transport.exchange(0).open).toBe(true);
    clock.advance(1);
    expect(codesOf(short.errors)).toEqual(['attempt_timeout']);
    expect(breaker.failureRatio).toBe(1);
    expectNothingLeft(short, long);
  });

  it('whoever it is that leaves: the rest stays as it was', () => {
    const { clock, transport, askFor, expectNothingLeft } = source();
    const calls = [askFor(300), askFor(900), askFor(600)];
    calls[0]?.unsubscribe();
    clock.advance(600);
    expect(calls.map(({ errors }) => codesOf(errors))).toEqual([[], [], ['deadline_exceeded']]);
    clock.advance(299);
    transport.exchange(0).answer();
    expect(calls[1]?.values).toHaveLength(1);
    expectNothingLeft(...calls);
  });

  it('in the line as well: who joins with more time is not sent away with the first one', () => {
    const { clock, transport, bulkhead, askFor, expectNothingLeft } = source({
      MAX_CONCURRENT: '1',
    });
    const deadline = { leftMs: () => Infinity };
    const other = bulkhead.enter(deadline, {
      granted: () => undefined,
      refused: () => undefined,
    });
    const [short, long] = [askFor(30), askFor(1_000)];
    clock.advance(30);
    expect(codesOf(short.errors)).toEqual(['deadline_exceeded']);
    expect(long.errors).toEqual([]);
    clock.advance(44);
    bulkhead.leave(other);
    transport.exchange(0).answer();
    expect(long.values).toHaveLength(1);
    expectNothingLeft(short, long);
  });

  it('in the line as well, though not longer than anybody waits there', () => {
    const { clock, askFor, expectNothingLeft } = source({ MAX_CONCURRENT: '0' });
    const [short, long] = [askFor(30), askFor(1_000)];
    clock.advance(75);
    expect(codesOf([...short.errors, ...long.errors])).toEqual([
      'deadline_exceeded',
      'queue_timeout',
    ]);
    expectNothingLeft(short, long);
  });

  it('while it waits for its retry, which is not sent when who had time for it has left', () => {
    const { clock, transport, askFor, expectNothingLeft } = source({ RETRIES: '1' });
    const [short, long] = [askFor(20), askFor(1_000)];
    transport.exchange(0).fail(new SourceStatusError(503));
    clock.advance(5);
    long.unsubscribe();
    clock.advance(30);
    expect(codesOf(short.errors)).toEqual(['gateway_error']);
    expect(transport.sent).toHaveLength(1);
    expectNothingLeft(short, long);
  });
});

describe('a source that hangs under a call that many share', () => {
  it('is asked anew, and the end of the old call is nothing to those who share the new one', () => {
    const { clock, transport, askFor, expectNothingLeft } = source();
    const first = askFor(1_000);
    clock.advance(900);
    const second = askFor(1_000);
    clock.advance(100);
    const third = askFor(1_000);
    expect(transport.sent).toHaveLength(2);
    second.unsubscribe();
    expect(transport.sent.map(({ aborted }) => aborted)).toEqual([true, false]);
    const fourth = askFor(1_000);
    expect(transport.sent).toHaveLength(2);
    transport.exchange(1).answer();
    expect([third, fourth].map(({ values }) => values.length)).toEqual([1, 1]);
    expectNothingLeft(first, second, third, fourth);
  });

  it('is asked anew after a whole deadline, although there was always somebody waiting', () => {
    const { clock, transport, askFor, expectNothingLeft } = source();
    const calls = Array.from({ length: 40 }, () => {
      const call = askFor(1_000);
      // The first connection hangs, the others do not.
      for (const exchange of transport.sent.slice(1)) if (exchange.open) exchange.answer();
      clock.advance(250);
      return call;
    });
    clock.advance(1_000);
    expect(transport.exchange(0).aborted).toBe(true);
    // The last one to board was there when it ran out.
    expect(calls.slice(0, 4).flatMap(({ errors }) => codesOf(errors))).toEqual([
      'deadline_exceeded',
      'deadline_exceeded',
      'deadline_exceeded',
      'attempt_timeout',
    ]);
    expect(calls.slice(4).every(({ values }) => values.length === 1)).toBe(true);
    expectNothingLeft(...calls);
  });
});
