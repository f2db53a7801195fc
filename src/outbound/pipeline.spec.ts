import { describe, expect, it } from '@jest/globals';
import { codesOf, sourceUnderTest, THING } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../errors/errors.ts';

/** One whole source with a network played by hand. Every test ends with nothing held and nothing running. */
function source(knobs: Readonly<Record<string, string>> = {}) {
  const clock = new VirtualClock();
  const made = sourceUnderTest(clock, knobs);
  const asked: ReturnType<typeof made.ask>[] = [];
  const ask = (totalMs = 1_500) => {
    const one = made.ask({ totalMs });
    asked.push(one);
    return one;
  };
  /** Everybody hangs up, every socket closes: what is left then was leaked. */
  const expectNothingLeft = (): void => {
    for (const { unsubscribe, end } of asked) {
      unsubscribe();
      end();
    }
    for (const exchange of made.transport.sent) exchange.free();
    made.loopLag.stop();
    expect(made.bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(clock.pending).toBe(0);
  };
  return { ...made, clock, ask, expectNothingLeft };
}

/** A breaker that opens at the first verdict against the source. */
const TOUCHY = { BREAKER_MIN_CALLS: '1', BREAKER_FAILURE_RATIO: '0.01' };

describe('the pipeline', () => {
  it('brings an answer through', () => {
    const { transport, ends, ask, expectNothingLeft } = source();
    const { values, events, call } = ask();
    transport.exchange(0).answer();
    expect(values).toMatchObject([{ value: THING }]);
    expect(events).toEqual(['value', 'complete']);
    expect(call.context.trail.attempts).toHaveLength(1);
    expect(ends).toEqual(['value']);
    expectNothingLeft();
  });

  it('brings a failure through, and holds it against the source', () => {
    const { transport, breaker, ends, ask, expectNothingLeft } = source();
    const { errors } = ask();
    transport.exchange(0).fail(new SourceStatusError(500));
    expect(codesOf(errors)).toEqual(['server_error']);
    expect(breaker.failureRatio).toBe(1);
    expect(ends).toEqual(['error']);
    expectNothingLeft();
  });

  it('holds a body that does not match against the source', () => {
    const { transport, breaker, ask, expectNothingLeft } = source();
    const { errors } = ask();
    transport.exchange(0).answer({ name: 5 });
    expect(codesOf(errors)).toEqual(['invalid_body']);
    expect(breaker.failureRatio).toBe(1);
    expectNothingLeft();
  });
});

describe('the order of the pipeline', () => {
  it('keeps a full bulkhead from the breaker', () => {
    const knobs = { ...TOUCHY, MAX_CONCURRENT: '1', MAX_QUEUE: '0' };
    const { transport, breaker, ask, expectNothingLeft } = source(knobs);
    ask();
    const refused = Array.from({ length: 50 }, () => ask().errors);
    expect(new Set(codesOf(refused.flat()))).toEqual(new Set(['bulkhead_full']));
    transport.exchange(0).answer();
    expect(breaker).toMatchObject({ state: 'closed', failureRatio: 0 });
    expectNothingLeft();
  });

  it('keeps a wait that was too long from the breaker', () => {
    const knobs = { ...TOUCHY, MAX_CONCURRENT: '1' };
    const { clock, transport, breaker, ask, expectNothingLeft } = source(knobs);
    ask();
    const waiting = Array.from({ length: 50 }, () => ask().errors);
    clock.advance(75);
    expect(codesOf(waiting.flat())).toEqual(Array.from({ length: 50 }, () => 'queue_timeout'));
    expect(transport.sent).toHaveLength(1);
    expect(breaker).toMatchObject({ state: 'closed', failureRatio: 0 });
    expectNothingLeft();
  });

  it('keeps a deadline that passes in the line from the breaker, and never sends that call', () => {
    const knobs = { ...TOUCHY, MAX_CONCURRENT: '1', MAX_QUEUE_WAIT_MS: '1000' };
    const { clock, transport, breaker, ask, expectNothingLeft } = source(knobs);
    ask();
    const { errors } = ask(400);
    clock.advance(340);
    expect(codesOf(errors)).toEqual(['deadline_exceeded']);
    transport.exchange(0).answer();
    expect(transport.sent).toHaveLength(1);
    expect(breaker.state).toBe('closed');
    expectNothingLeft();
  });

  it('empties the line when the breaker opens, and sends nothing of it', () => {
    const knobs = { ...TOUCHY, MAX_CONCURRENT: '2', MAX_QUEUE: '50' };
    const { transport, bulkhead, changes, ask, expectNothingLeft } = source(knobs);
    ask();
    ask();
    const waiting = Array.from({ length: 50 }, () => ask().errors);
    expect(bulkhead.queued).toBe(50);
    // Not even a permit has to come back for that.
    transport.exchange(0).failBusy(new SourceStatusError(500));
    expect(codesOf(waiting.flat())).toEqual(Array.from({ length: 50 }, () => 'circuit_open'));
    expect(transport.sent).toHaveLength(2);
    expect(bulkhead).toMatchObject({ inFlight: 2, queued: 0 });
    expect(changes).toEqual(['thing: closed -> open']);
    expectNothingLeft();
  });

  it('refuses at once, without a place in the line, while the breaker is open', () => {
    const knobs = { ...TOUCHY, MAX_CONCURRENT: '1' };
    const { transport, bulkhead, ask, expectNothingLeft } = source(knobs);
    ask();
    transport.exchange(0).failBusy(new SourceStatusError(500));
    const { errors, call } = ask();
    expect(errors[0]).toMatchObject({ code: 'circuit_open', retryAfterMs: 1_000 });
    expect(call.context.trail.attempts).toHaveLength(0);
    expect(bulkhead.queued).toBe(0);
    expectNothingLeft();
  });

  it('does not let a call wait for a permit that has too little time left anyway', () => {
    const { ask, expectNothingLeft } = source({ MAX_CONCURRENT: '0' });
    expect(codesOf(ask(20).errors)).toEqual(['too_late']);
    expectNothingLeft();
  });

  it('keeps the permit of a cancelled attempt until the wire is free', () => {
    const { transport, bulkhead, ask, expectNothingLeft } = source({ MAX_CONCURRENT: '1' });
    const first = ask();
    const second = ask();
    first.unsubscribe();
    expect(transport.exchange(0).aborted).toBe(true);
    expect(bulkhead).toMatchObject({ inFlight: 1, queued: 1 });
    transport.exchange(0).free();
    expect(transport.sent).toHaveLength(2);
    transport.exchange(1).answer();
    expect(second.values).toMatchObject([{ value: THING }]);
    expectNothingLeft();
  });

  it('keeps the permit of an attempt that ran out until the wire is free', () => {
    const { clock, transport, bulkhead, ask, expectNothingLeft } = source();
    ask();
    clock.advance(1_440);
    expect(transport.exchange(0).aborted).toBe(true);
    expect(bulkhead.inFlight).toBe(1);
    transport.exchange(0).free();
    expect(bulkhead.inFlight).toBe(0);
    expectNothingLeft();
  });

  it('keeps the permit of an error whose body still drains', () => {
    const { transport, bulkhead, ask, expectNothingLeft } = source();
    const { errors } = ask();
    transport.exchange(0).failBusy(new SourceStatusError(500));
    expect(codesOf(errors)).toEqual(['server_error']);
    expect(bulkhead.inFlight).toBe(1);
    transport.exchange(0).free();
    expect(bulkhead.inFlight).toBe(0);
    expectNothingLeft();
  });
});

describe('the pipeline when half open', () => {
  function probing() {
    const made = source({ ...TOUCHY, BREAKER_OPEN_MS: '1000' });
    made.ask();
    made.transport.exchange(0).fail(new SourceStatusError(500));
    made.clock.advance(1_000);
    return made;
  }

  it('sends one probe at a time, and closes after three good ones', () => {
    const { transport, breaker, ask, expectNothingLeft } = probing();
    for (const probe of [1, 2, 3]) {
      ask();
      expect(codesOf(ask().errors)).toEqual(['circuit_open']);
      expect(transport.sent).toHaveLength(1 + probe);
      transport.exchange(probe).answer();
    }
    expect(breaker.state).toBe('closed');
    expectNothingLeft();
  });

  it('takes the slot of the probe at the moment of sending, not in the line', () => {
    const made = source({ ...TOUCHY, MAX_CONCURRENT: '1', MAX_QUEUE_WAIT_MS: '1000' });
    const { clock, transport, breaker, ask, expectNothingLeft } = made;
    ask();
    transport.exchange(0).failBusy(new SourceStatusError(500));
    clock.advance(1_000);
    const waiting = [ask(), ask()];
    expect(breaker.state).toBe('half_open');
    expect(breaker.peek()).toBeUndefined();
    transport.exchange(0).free();
    expect(transport.sent).toHaveLength(2);
    expect(breaker.peek()).toBeDefined();
    transport.exchange(1).fail(new SourceStatusError(500));
    expect(waiting.map(({ errors }) => codesOf(errors))).toEqual([
      ['server_error'],
      ['circuit_open'],
    ]);
    expect(transport.sent).toHaveLength(2);
    expectNothingLeft();
  });

  it('gives the slot back when the caller of the probe hangs up', () => {
    const { transport, breaker, ask, expectNothingLeft } = probing();
    ask().unsubscribe();
    expect(breaker.state).toBe('half_open');
    ask();
    expect(transport.sent).toHaveLength(3);
    expectNothingLeft();
  });
});
