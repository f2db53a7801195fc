import { describe, expect, it } from '@jest/globals';
import { codesOf, sourceUnderTest, THING } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';

const TOUCHY = { BREAKER_MIN_CALLS: '1', BREAKER_FAILURE_RATIO: '0.01' };

function source(knobs: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock();
  return { clock, ...sourceUnderTest(clock, knobs) };
}

describe('the pipeline and time', () => {
  it('holds a source that hangs until the deadline against it', () => {
    const { clock, transport, breaker, ask } = source();
    const { errors, events } = ask();
    clock.advance(1_439);
    expect(events).toEqual([]);
    clock.advance(1);
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
    expect(breaker.failureRatio).toBe(1);
    expect(transport.exchange(0).aborted).toBe(true);
  });

  it('gives up after the configured time of an attempt', () => {
    const { clock, breaker, ask } = source({ ATTEMPT_TIMEOUT_MS: '300' });
    const { errors } = ask();
    clock.advance(300);
    expect(codesOf(errors)).toEqual(['attempt_timeout']);
    expect(breaker.failureRatio).toBe(1);
  });

  it('never moves the breaker for callers that leave the source 50 ms', () => {
    const { clock, breaker, changes, ask } = source(TOUCHY);
    const errors = Array.from({ length: 200 }, () => ask({ totalMs: 50 }).errors);
    clock.advance(50);
    expect(codesOf(errors.flat())).toEqual(Array.from({ length: 200 }, () => 'unfair_timeout'));
    expect(breaker).toMatchObject({ state: 'closed', failureRatio: 0 });
    expect(changes).toEqual([]);
  });

  it('refuses what has too little time left, and sends nothing', () => {
    const { transport, ask } = source();
    expect(codesOf(ask({ totalMs: 20 }).errors)).toEqual(['too_late']);
    expect(transport.sent).toEqual([]);
  });

  it('holds nothing against the source while our own loop was late', () => {
    const { clock, loopLag, breaker, ask } = source(TOUCHY);
    loopLag.start();
    const { errors } = ask();
    clock.advance(1_300);
    clock.stall(200);
    clock.advance(0);
    expect(codesOf(errors)).toEqual(['unfair_timeout']);
    expect(breaker.state).toBe('closed');
    loopLag.stop();
  });

  it.each(['0', '1000'])(
    'uses an answer that the kernel held while the loop was late (attempt timeout %s)',
    (ATTEMPT_TIMEOUT_MS) => {
      const { clock, transport, breaker, bulkhead, ask } = source({ ATTEMPT_TIMEOUT_MS });
      const { values, errors, end } = ask();
      clock.arrive(() => transport.exchange(0).answer());
      clock.stall(3_000);
      clock.advance(0);
      expect(values).toMatchObject([{ value: THING }]);
      expect(errors).toEqual([]);
      expect(breaker.failureRatio).toBe(0);
      expect(bulkhead.inFlight).toBe(0);
      end();
      expect(clock.pending).toBe(0);
    },
  );

  it('lets nobody wait in the line beyond the deadline, however long the wait may be', () => {
    const { clock, ask } = source({ MAX_CONCURRENT: '0', MAX_QUEUE_WAIT_MS: '5000' });
    const { errors } = ask();
    clock.advance(1_440);
    expect(codesOf(errors)).toEqual(['deadline_exceeded']);
    expect(clock.pending).toBe(0);
  });

  it('leaks nothing of an attempt that a bug of ours broke before it was sent', () => {
    const { clock, transport, breaker, bulkhead, ask } = source({
      ...TOUCHY,
      ATTEMPT_TIMEOUT_MS: '500',
    });
    transport.send = () => {
      throw new TypeError('our bug');
    };
    const { errors, end } = ask();
    expect(codesOf(errors)).toEqual(['our bug']);
    expect(breaker.state).toBe('closed');
    end();
    expect(bulkhead.inFlight).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
