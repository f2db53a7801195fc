import { describe, expect, it } from '@jest/globals';
import { DUE_MS, hedgedSource, USUAL_MS } from '../../../../test/support/hedged-source.ts';
import type { FakeExchange } from '../../../../test/support/fake-transport.ts';
import { codesOf, THING } from '../../../../test/support/outbound.ts';
import { SourceStatusError, UnreachableError } from '../../../errors/errors.ts';

/** How long the loser may go on. */
const DRAIN_MS = 50;

describe('a hedge', () => {
  it('goes out beside an attempt that takes longer than 19 of 20, at the other instance', () => {
    const { clock, sent, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.advance(USUAL_MS);
    expect(sent()).toHaveLength(1);
    clock.advance(DUE_MS - USUAL_MS);
    expect(sent()).toHaveLength(2);
    const [first, hedge] = sent().map(({ request }) => request);
    expect(hedge?.origin).not.toBe(first?.origin);
    expect(hedge?.headers).toEqual(expect.arrayContaining(['x-attempt', '2']));
    expect(call.call.context.trail.attempts).toMatchObject([
      { number: 1, kind: 'first' },
      { number: 2, kind: 'hedge' },
    ]);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it('goes out once, however long both take', () => {
    const { clock, sent, ask, expectNothingLeft } = hedgedSource({ RETRIES: '1' });
    const call = ask();
    clock.advance(1_440);
    expect(sent()).toHaveLength(2);
    expect(codesOf(call.errors)).toEqual(['attempt_timeout']);
    expectNothingLeft(call);
  });

  it('costs a token of the budget', () => {
    const { clock, budget, ask, expectNothingLeft } = hedgedSource();
    const before = budget.balance;
    const call = ask();
    clock.advance(DUE_MS);
    expect(budget.balance).toBeCloseTo(before + 0.1 - 1);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it('is due at the p95 of late, not at the slowest nor at the usual answer', () => {
    const answersMs = [900, 200, 200, 200, ...Array.from({ length: 36 }, () => 50)];
    const { clock, sent, ask, expectNothingLeft } = hedgedSource({}, answersMs);
    const call = ask();
    clock.advance(199);
    expect(sent()).toHaveLength(1);
    clock.advance(25);
    expect(sent()).toHaveLength(2);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it('is not made for an answer that the kernel holds already: our loop was late, not the source', () => {
    const { clock, sent, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.arrive(() => exchange(0).answer());
    clock.stall(300);
    clock.advance(0);
    expect(call.values).toHaveLength(1);
    expect(sent()).toHaveLength(1);
    expectNothingLeft(call);
  });
});

describe('the first good answer', () => {
  it('of the hedge wins; the other one may go on for 50 ms and is aborted then', () => {
    const { clock, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.advance(DUE_MS);
    exchange(1).answer({ name: 'from the hedge' });
    expect(call.values).toMatchObject([{ value: { name: 'from the hedge' } }]);
    call.end();
    expect(exchange(0).open).toBe(true);
    clock.advance(DRAIN_MS - 1);
    expect(exchange(0).open).toBe(true);
    clock.advance(1);
    expect(exchange(0).aborted).toBe(true);
    expect(call.events).toEqual(['value', 'complete']);
    expectNothingLeft(call);
  });

  it('of the first attempt wins; the hedge is the one that is aborted', () => {
    const { clock, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.advance(DUE_MS);
    exchange(0).answer();
    clock.advance(DRAIN_MS);
    expect(exchange(1).aborted).toBe(true);
    expect(call.values).toMatchObject([{ value: THING }]);
    expectNothingLeft(call);
  });

  it('keeps its connection when the loser answers within 50 ms, and nobody hears of it', () => {
    const { clock, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.advance(DUE_MS);
    exchange(1).answer();
    clock.advance(DRAIN_MS - 1);
    exchange(0).answer({ name: 'too late' });
    expect(exchange(0).aborted).toBe(false);
    expect(call.events).toEqual(['value', 'complete']);
    expectNothingLeft(call);
  });

  it.each<[string, (loser: FakeExchange) => void]>([
    ['answers', (loser) => loser.answer()],
    ['fails', (loser) => loser.fail(new SourceStatusError(500))],
    ['is aborted', () => undefined],
  ])('leaves the breaker with the winner only, when the loser %s', (_how, finish) => {
    const { clock, breaker, exchange, ask, expectNothingLeft } = hedgedSource({
      BREAKER_WINDOW_MS: '1000',
    });
    clock.advance(2_000);
    const failed = ask();
    exchange(0).fail(new SourceStatusError(500));
    const call = ask();
    clock.advance(DUE_MS);
    exchange(2).answer();
    finish(exchange(1));
    clock.advance(DRAIN_MS);
    expect(breaker.failureRatio).toBe(0.5);
    expectNothingLeft(failed, call);
  });

  it('leaves the permit of the loser taken until its socket is done', () => {
    const { clock, bulkhead, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.advance(DUE_MS);
    expect(bulkhead.inFlight).toBe(2);
    exchange(1).answer();
    clock.advance(DRAIN_MS);
    expect(bulkhead.inFlight).toBe(1);
    exchange(0).free();
    expect(bulkhead.inFlight).toBe(0);
    expectNothingLeft(call);
  });
});

describe('a hedged call that fails', () => {
  it.each([404, 410, 400, 403])('ends at once with a plain no (%d) of either', (status) => {
    for (const which of [0, 1]) {
      const { clock, exchange, ask, expectNothingLeft } = hedgedSource();
      const call = ask();
      clock.advance(DUE_MS);
      exchange(which).fail(new SourceStatusError(status));
      expect(call.errors).toMatchObject([{ status }]);
      expect(exchange(1 - which).aborted).toBe(true);
      expectNothingLeft(call);
    }
  });

  it.each([0, 1])(
    'waits for the other one when attempt %d fails, and takes its answer',
    (which) => {
      const { clock, exchange, ask, expectNothingLeft } = hedgedSource();
      const call = ask();
      clock.advance(DUE_MS);
      exchange(which).fail(new SourceStatusError(500));
      expect(call.events).toEqual([]);
      exchange(1 - which).answer();
      expect(call.values).toMatchObject([{ value: THING }]);
      expectNothingLeft(call);
    },
  );

  it('tells the first failure when both fail, and is not retried: it had its extra attempt', () => {
    const { clock, sent, exchange, ask, expectNothingLeft } = hedgedSource({ RETRIES: '3' });
    const call = ask();
    clock.advance(DUE_MS);
    exchange(1).fail(new SourceStatusError(503));
    exchange(0).fail(new UnreachableError());
    expect(codesOf(call.errors)).toEqual(['gateway_error']);
    clock.advance(100);
    expect(sent()).toHaveLength(2);
    expectNothingLeft(call);
  });

  it('before the hedge was due is retried instead, and the retry is not hedged', () => {
    const { clock, sent, exchange, ask, expectNothingLeft } = hedgedSource({ RETRIES: '1' });
    const call = ask();
    clock.advance(USUAL_MS - 25);
    exchange(0).fail(new SourceStatusError(503));
    clock.advance(25);
    // The deadline's timer only: no hedge is waited for.
    expect(clock.pending).toBe(1);
    clock.advance(200);
    expect(sent()).toHaveLength(2);
    expect(call.call.context.trail.attempts).toMatchObject([{ kind: 'first' }, { kind: 'retry' }]);
    exchange(1).answer();
    expect(call.values).toHaveLength(1);
    expectNothingLeft(call);
  });

  it.each([0, 1])(
    'at the deadline aborts both, and holds both against the source (%d retries)',
    (RETRIES) => {
      const { clock, breaker, exchange, ask, expectNothingLeft } = hedgedSource({
        RETRIES: `${RETRIES}`,
        BREAKER_WINDOW_MS: '1000',
      });
      clock.advance(2_000);
      const call = ask();
      clock.advance(1_439);
      expect([exchange(0).open, exchange(1).open]).toEqual([true, true]);
      clock.advance(1);
      expect([exchange(0).aborted, exchange(1).aborted]).toEqual([true, true]);
      expect(codesOf(call.errors)).toEqual(['attempt_timeout']);
      expect(breaker.failureRatio).toBe(1);
      expectNothingLeft(call);
    },
  );

  it('by being cancelled aborts both', () => {
    const { clock, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    clock.advance(DUE_MS);
    call.unsubscribe();
    expect([exchange(0).aborted, exchange(1).aborted]).toEqual([true, true]);
    expectNothingLeft(call);
  });

  it.each<[string, (first: FakeExchange, call: { unsubscribe(): void }) => void]>([
    ['answered', (first) => first.answer()],
    ['failed', (first) => first.fail(new SourceStatusError(500))],
    ['was cancelled', (_first, call) => call.unsubscribe()],
  ])('leaves no timer when it %s before the hedge was due', (_how, finish) => {
    const { clock, sent, exchange, ask, expectNothingLeft } = hedgedSource();
    const call = ask();
    finish(exchange(0), call);
    clock.advance(0);
    call.end();
    exchange(0).free();
    expect(clock.pending).toBe(0);
    clock.advance(500);
    expect(sent()).toHaveLength(1);
    expectNothingLeft(call);
  });
});
