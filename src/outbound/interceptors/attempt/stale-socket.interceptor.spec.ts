import { describe, expect, it } from '@jest/globals';
import { codesOf, sourceUnderTest, THING } from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { StaleSocketError, UnreachableError } from '../../../errors/errors.ts';

describe('a kept connection that closes under us before any byte', () => {
  it('costs nobody anything: the attempt goes out again, over a new connection, under the same permit', () => {
    const clock = new VirtualClock();
    const { transport, bulkhead, breaker, ask } = sourceUnderTest(clock, {
      MAX_CONCURRENT: '1',
      MAX_QUEUE: '0',
    });
    const { values, call, end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    expect(bulkhead.inFlight).toBe(1);
    expect(transport.exchange(1).request).toMatchObject({
      onNewConnection: true,
      origin: 'http://thing',
    });
    expect(transport.exchange(1).request.headers).toEqual(
      expect.arrayContaining(['x-attempt', '2']),
    );
    transport.exchange(1).answer();
    end();
    expect(values).toMatchObject([{ value: THING }]);
    expect(call.context.trail.attempts).toMatchObject([
      { number: 1, kind: 'first', outcome: 'unreachable' },
      { number: 2, kind: 'retry', outcome: 'ok' },
    ]);
    expect(breaker.failureRatio).toBe(0);
    expect(bulkhead.inFlight).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('is tried again once only, and the second failure counts', () => {
    const clock = new VirtualClock();
    const { transport, breaker, ask } = sourceUnderTest(clock);
    const { errors, end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    transport.exchange(1).fail(new UnreachableError());
    end();
    expect(codesOf(errors)).toEqual(['unreachable']);
    expect(transport.sent).toHaveLength(2);
    expect(breaker.failureRatio).toBe(1);
  });

  it('is not tried a third time, even if the new connection is said to be stale too', () => {
    const clock = new VirtualClock();
    const { transport, breaker, ask } = sourceUnderTest(clock, { RETRIES: '1' });
    const { errors, end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    transport.exchange(1).fail(new StaleSocketError());
    end();
    expect(codesOf(errors)).toEqual(['stale_socket']);
    expect(transport.sent).toHaveLength(2);
    expect(breaker.failureRatio).toBe(0);
  });

  it('has a clock of its own, as any attempt', () => {
    const clock = new VirtualClock();
    const { transport, ask } = sourceUnderTest(clock, { ATTEMPT_TIMEOUT_MS: '200' });
    const { errors, end } = ask();
    clock.advance(150);
    transport.exchange(0).fail(new StaleSocketError());
    clock.advance(199);
    expect(errors).toEqual([]);
    clock.advance(1);
    end();
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
    expect(transport.exchange(1).aborted).toBe(true);
  });

  it('any other failure passes as it is', () => {
    const clock = new VirtualClock();
    const { transport, ask } = sourceUnderTest(clock);
    const { errors, end } = ask();
    transport.exchange(0).fail(new UnreachableError());
    end();
    expect(codesOf(errors)).toEqual(['unreachable']);
    expect(transport.sent).toHaveLength(1);
  });

  it('goes out again to another instance, as the one that closes its connections may be leaving', () => {
    const clock = new VirtualClock();
    const { transport, ask } = sourceUnderTest(clock, { URL: 'http://a:80,http://b:80' });
    const { end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    const origins = transport.sent.map(({ request }) => request.origin);
    expect(new Set(origins)).toEqual(new Set(['http://a', 'http://b']));
    end();
  });

  it('costs nothing of the budget, and pays nothing into it', () => {
    const clock = new VirtualClock();
    const { transport, budget, ask } = sourceUnderTest(clock, { RETRIES: '1' });
    const { end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    transport.exchange(1).answer();
    expect(budget.balance).toBe(10.1);
    end();
  });

  it('does not cost the call its retry', () => {
    const clock = new VirtualClock();
    const { transport, budget, ask } = sourceUnderTest(clock, { RETRIES: '1' });
    const { values, call, end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    transport.exchange(1).fail(new UnreachableError());
    clock.advance(25);
    transport.exchange(2).answer();
    expect(values).toHaveLength(1);
    expect(call.context.trail.attempts).toMatchObject([
      { number: 1, kind: 'first' },
      { number: 2, kind: 'retry' },
      { number: 3, kind: 'retry' },
    ]);
    expect(budget.balance).toBeCloseTo(9.1);
    end();
  });

  it('happens to a retry as to a first attempt', () => {
    const clock = new VirtualClock();
    const { transport, ask } = sourceUnderTest(clock, { RETRIES: '1' });
    const { values, end } = ask();
    transport.exchange(0).fail(new UnreachableError());
    clock.advance(25);
    transport.exchange(1).fail(new StaleSocketError());
    transport.exchange(2).answer();
    expect(values).toHaveLength(1);
    end();
  });

  it.each([
    { RETRIES: '1', cutAfterMs: 700 },
    { RETRIES: '0', cutAfterMs: 1_340 },
  ])(
    'with RETRIES=$RETRIES is cut as its first try would be: after $cutAfterMs ms',
    ({ RETRIES, cutAfterMs }) => {
      const clock = new VirtualClock();
      const URL = 'http://a:80,http://b:80';
      const { transport, ask } = sourceUnderTest(clock, { RETRIES, URL });
      const { end } = ask();
      clock.advance(100);
      transport.exchange(0).fail(new StaleSocketError());
      clock.advance(cutAfterMs - 1);
      expect(transport.exchange(1).open).toBe(true);
      clock.advance(1);
      expect(transport.exchange(1).aborted).toBe(true);
      end();
    },
  );

  it('keeps the permit until both sockets are done, whichever is the last', () => {
    const clock = new VirtualClock();
    const { transport, bulkhead, ask } = sourceUnderTest(clock);
    const { unsubscribe, end } = ask();
    transport.exchange(0).failBusy(new StaleSocketError());
    unsubscribe();
    transport.exchange(0).free();
    expect(bulkhead.inFlight).toBe(1);
    transport.exchange(1).free();
    expect(bulkhead.inFlight).toBe(0);
    end();
  });

  it('keeps the permit until the second socket is done, also when nobody waits any more', () => {
    const clock = new VirtualClock();
    const { transport, bulkhead, ask } = sourceUnderTest(clock);
    const { unsubscribe, end } = ask();
    transport.exchange(0).fail(new StaleSocketError());
    unsubscribe();
    expect(transport.exchange(1).aborted).toBe(true);
    expect(bulkhead.inFlight).toBe(1);
    transport.exchange(1).free();
    expect(bulkhead.inFlight).toBe(0);
    end();
  });
});
