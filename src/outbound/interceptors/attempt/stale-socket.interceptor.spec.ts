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
});
