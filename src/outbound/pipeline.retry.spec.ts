import { describe, expect, it } from '@jest/globals';
import type { FakeExchange } from '../../test/support/fake-transport.ts';
import { codesOf, sourceUnderTest, THING } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SourceStatusError, UnreachableError } from '../errors/errors.ts';

/** Retries of one whole source, over a network played by hand. */

const TWO = { URL: 'http://a:80,http://b:80' };
const BUSY = new SourceStatusError(503);
/** Longest pause before a retry. */
const PAUSE_MS = 25;

function source(knobs: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock();
  const made = sourceUnderTest(clock, { RETRIES: '1', ...TWO, ...knobs });
  const { transport, bulkhead, balancer } = made;
  const attemptOf = (index: number): string | undefined => {
    const { headers } = transport.exchange(index).request;
    return headers[headers.indexOf('x-attempt') + 1];
  };
  const originOf = (index: number): string => transport.exchange(index).request.origin;
  const expectNothingLeft = (...calls: { end(): void }[]): void => {
    for (const { end } of calls) end();
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(balancer.list.map(({ inFlight }) => inFlight)).toEqual(balancer.list.map(() => 0));
    expect(clock.pending).toBe(0);
  };
  return { ...made, clock, attemptOf, originOf, expectNothingLeft };
}

describe('a retry', () => {
  it('goes to the other instance, says that it is the second attempt, and is on record', () => {
    const { clock, transport, budget, ask, attemptOf, originOf, expectNothingLeft } = source();
    const call = ask();
    transport.exchange(0).fail(BUSY);
    clock.advance(PAUSE_MS);
    transport.exchange(1).answer();
    expect([attemptOf(0), attemptOf(1)]).toEqual(['1', '2']);
    expect(originOf(1)).not.toBe(originOf(0));
    expect(call.values).toMatchObject([{ value: THING }]);
    expect(call.call.context.trail.attempts).toMatchObject([
      { number: 1, kind: 'first', outcome: 'upstream_error' },
      { number: 2, kind: 'retry', outcome: 'ok' },
    ]);
    expect(budget.balance).toBeCloseTo(9.1);
    expectNothingLeft(call);
  });

  it('goes to the same instance where there is no other', () => {
    const { clock, transport, ask, originOf, expectNothingLeft } = source({ URL: 'http://a:80' });
    const call = ask();
    transport.exchange(0).fail(BUSY);
    clock.advance(PAUSE_MS);
    transport.exchange(1).answer();
    expect([originOf(0), originOf(1)]).toEqual(['http://a', 'http://a']);
    expectNothingLeft(call);
  });

  it('goes out up to three times with RETRIES=3, everywhere before anywhere twice', () => {
    const three = { RETRIES: '3', URL: 'http://a:80,http://b:80,http://c:80' };
    const { clock, transport, ask, attemptOf, originOf, expectNothingLeft } = source(three);
    const call = ask();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      transport.exchange(attempt).fail(BUSY);
      clock.advance(PAUSE_MS);
    }
    expect(transport.sent).toHaveLength(4);
    expect([0, 1, 2, 3].map(attemptOf)).toEqual(['1', '2', '3', '4']);
    expect(new Set([0, 1, 2].map(originOf)).size).toBe(3);
    expect(codesOf(call.errors)).toEqual(['gateway_error']);
    expectNothingLeft(call);
  });

  it('does not exist with RETRIES=0', () => {
    const { transport, budget, ask, expectNothingLeft } = source({ RETRIES: '0' });
    const call = ask();
    transport.exchange(0).fail(BUSY);
    expect(codesOf(call.errors)).toEqual(['gateway_error']);
    expect(budget.balance).toBeCloseTo(10.1);
    expectNothingLeft(call);
  });

  it('counts both attempts for the breaker', () => {
    const { clock, transport, breaker, ask, expectNothingLeft } = source();
    const call = ask();
    transport.exchange(0).fail(BUSY);
    clock.advance(PAUSE_MS);
    transport.exchange(1).answer();
    expect(breaker.failureRatio).toBe(0.5);
    expectNothingLeft(call);
  });

  it('is not made when its first attempt opens the breaker', () => {
    const touchy = { BREAKER_MIN_CALLS: '1', BREAKER_FAILURE_RATIO: '0.01' };
    const { transport, ask, expectNothingLeft } = source(touchy);
    const call = ask();
    transport.exchange(0).fail(BUSY);
    expect(codesOf(call.errors)).toEqual(['gateway_error']);
    expectNothingLeft(call);
  });
});

describe('while a call waits for its retry', () => {
  it('it holds nothing: no permit, no load on an instance, one timer besides the deadline', () => {
    const { clock, transport, bulkhead, balancer, ask, expectNothingLeft } = source();
    const call = ask();
    transport.exchange(0).fail(BUSY);
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(balancer.list.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    expect(clock.pending).toBe(2);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it('its permit may go to another call, and the retry stands in line for its own', () => {
    const { clock, transport, bulkhead, ask, expectNothingLeft } = source({ MAX_CONCURRENT: '1' });
    const [first, second] = [ask(), ask()];
    transport.exchange(0).fail(BUSY);
    expect(transport.sent).toHaveLength(2);
    clock.advance(PAUSE_MS);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 1 });
    transport.exchange(1).answer();
    expect(transport.sent).toHaveLength(3);
    transport.exchange(2).answer();
    expect([first.values.length, second.values.length]).toEqual([1, 1]);
    expectNothingLeft(first, second);
  });

  it('it may be cancelled, and nothing is sent', () => {
    const { clock, transport, ask, expectNothingLeft } = source();
    const call = ask();
    transport.exchange(0).fail(new UnreachableError());
    call.unsubscribe();
    clock.advance(PAUSE_MS);
    expect(transport.sent).toHaveLength(1);
    expectNothingLeft(call);
  });

  it('the breaker may open: the call reports what its attempt met', () => {
    const touchy = { BREAKER_MIN_CALLS: '2', BREAKER_FAILURE_RATIO: '1' };
    const { clock, transport, breaker, ask, expectNothingLeft } = source(touchy);
    const [waiting, other] = [ask(), ask()];
    transport.exchange(0).fail(BUSY);
    transport.exchange(1).fail(new SourceStatusError(500));
    expect(breaker.state).toBe('open');
    clock.advance(PAUSE_MS);
    expect(codesOf(waiting.errors)).toEqual(['gateway_error']);
    expect(transport.sent).toHaveLength(2);
    expectNothingLeft(waiting, other);
  });

  it('the bulkhead may fill up: the call reports what its attempt met', () => {
    const full = { MAX_CONCURRENT: '1', MAX_QUEUE: '0' };
    const { clock, transport, ask, expectNothingLeft } = source(full);
    const waiting = ask();
    transport.exchange(0).fail(BUSY);
    const other = ask();
    clock.advance(PAUSE_MS);
    expect(codesOf(waiting.errors)).toEqual(['gateway_error']);
    transport.exchange(1).answer();
    expectNothingLeft(waiting, other);
  });

  it('our loop may be late: nothing is sent after the deadline', () => {
    const { clock, transport, ask, expectNothingLeft } = source();
    const call = ask();
    transport.exchange(0).fail(BUSY);
    clock.stall(2_000);
    clock.advance(0);
    expect(codesOf(call.errors)).toEqual(['gateway_error']);
    expect(transport.sent).toHaveLength(1);
    expectNothingLeft(call);
  });
});

describe('the last attempt', () => {
  it.each<[string, (exchange: FakeExchange) => void]>([
    ['answers', (exchange) => exchange.answer()],
    ['fails', (exchange) => exchange.fail(new UnreachableError())],
  ])('is not disturbed by one that was cut, and %s all the same', (_what, late) => {
    const { clock, transport, ask, expectNothingLeft } = source();
    const call = ask();
    clock.advance(800);
    expect(transport.sent).toHaveLength(2);
    late(transport.exchange(0));
    expect(call.events).toEqual([]);
    expect(transport.exchange(1).open).toBe(true);
    transport.exchange(1).answer();
    expect(call.events).toEqual(['value', 'complete']);
    expectNothingLeft(call);
  });

  it('runs to the deadline after the first one was cut at 700 ms', () => {
    const { clock, transport, ask, expectNothingLeft } = source();
    const call = ask();
    clock.advance(700);
    expect(transport.exchange(0).aborted).toBe(true);
    clock.advance(739);
    expect(transport.exchange(1).open).toBe(true);
    transport.exchange(1).answer();
    expect(call.values).toMatchObject([{ value: THING }]);
    transport.exchange(0).free();
    expectNothingLeft(call);
  });

  it('is the first one when the budget is empty: of many that run out together, only those are cut that go out again', () => {
    const { clock, transport, budget, ask, expectNothingLeft } = source({
      BREAKER_MIN_CALLS: '1000',
    });
    while (budget.balance >= 2) budget.withdraw('retry');
    const calls = [ask(), ask(), ask()];
    clock.advance(700);
    expect(transport.sent.map(({ aborted }) => aborted)).toEqual([true, false, false]);
    clock.advance(250);
    for (const exchange of transport.sent) if (exchange.open) exchange.answer();
    expect(calls.map(({ values }) => values.length)).toEqual([1, 1, 1]);
    for (const exchange of transport.sent) exchange.free();
    expectNothingLeft(...calls);
  });

  it('is a probe of the breaker: a healthy source that takes 950 ms closes it again', () => {
    const touchy = { BREAKER_MIN_CALLS: '1', BREAKER_FAILURE_RATIO: '0.01' };
    const { clock, transport, breaker, ask, expectNothingLeft } = source(touchy);
    const failed = ask();
    transport.exchange(0).fail(BUSY);
    clock.advance(1_000);
    const probes = [1, 2, 3].map((probe) => {
      const call = ask();
      clock.advance(950);
      transport.exchange(probe).answer();
      return call;
    });
    expect(breaker.state).toBe('closed');
    expectNothingLeft(failed, ...probes);
  });
});
