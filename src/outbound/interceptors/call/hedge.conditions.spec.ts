import { describe, expect, it } from '@jest/globals';
import { DUE_MS, hedgedSource, USUAL_MS } from '../../../../test/support/hedged-source.ts';
import { SourceStatusError, StaleSocketError } from '../../../errors/errors.ts';
import type { Balancer } from '../../../instances/balancer.ts';
import type { Instance } from '../../../instances/instance.ts';
import type { Bulkhead } from '../../bulkhead/bulkhead.ts';

const answers = (count: number, ms = USUAL_MS): number[] => Array.from({ length: count }, () => ms);

/** What a slow call of it gets: how many attempts, and how much it cost in tokens. */
function slowCall({ clock, sent, budget, ask }: ReturnType<typeof hedgedSource>, totalMs = 1_500) {
  const [before, had] = [sent().length, budget.balance];
  const call = ask({ totalMs });
  clock.advance(DUE_MS);
  const attempts = sent().length - before;
  const cost = had - budget.balance;
  call.unsubscribe();
  call.end();
  return { attempts, cost };
}

/** So many others take a permit each. @returns gives them all back */
function enter(bulkhead: Bulkhead, count: number): () => void {
  const applicant = { granted: () => undefined, refused: () => undefined };
  const places = Array.from({ length: count }, () =>
    bulkhead.enter({ leftMs: () => Infinity }, applicant),
  );
  return () => {
    for (const place of places) bulkhead.leave(place);
  };
}

describe('there is no hedge', () => {
  it('before twenty answers are known', () => {
    // 39 calls have paid for it, of which 19 were answered.
    const source = hedgedSource({}, answers(19));
    for (let failed = 0; failed < 20; failed += 1) {
      source.ask().end();
      source.exchange(failed).fail(new SourceStatusError(429));
    }
    expect(slowCall(source).attempts).toBe(1);
    source.ask().end();
    source.clock.advance(USUAL_MS);
    source.exchange(21).answer();
    expect(slowCall(source).attempts).toBe(2);
    source.expectNothingLeft();
  });

  it('before twenty first attempts have paid for it', () => {
    const source = hedgedSource({}, answers(39));
    const attempts = [1, 2, 3].map(() => slowCall(source).attempts);
    expect(attempts).toEqual([2, 2, 1]);
    source.expectNothingLeft();
  });

  it('when retries have emptied the budget', () => {
    const source = hedgedSource();
    while (source.budget.withdraw('retry'));
    expect(slowCall(source).attempts).toBe(1);
    source.expectNothingLeft();
  });

  it.each([{ HEDGE: 'off' }, { URL: 'http://a:80' }])('with %j', (knobs) => {
    const source = hedgedSource(knobs);
    const { attempts, cost } = slowCall(source);
    expect(attempts).toBe(1);
    expect(cost).toBeCloseTo(-0.1);
    source.expectNothingLeft();
  });

  it.each([
    { taken: 8, attempts: 2 },
    { taken: 9, attempts: 1 },
  ])('when $taken of 10 permits are taken, with its own: $attempts', ({ taken, attempts }) => {
    const source = hedgedSource({ MAX_CONCURRENT: '10' });
    const { bulkhead } = source;
    const leave = enter(bulkhead, taken - 1);
    const slow = slowCall(source);
    expect(slow.attempts).toBe(attempts);
    expect(slow.cost > 0).toBe(attempts === 2);
    leave();
    source.expectNothingLeft();
  });

  it.each([
    { state: 'open', waitMs: 0 },
    { state: 'half_open', waitMs: 1_000 },
  ])('while the breaker is $state', ({ state, waitMs }) => {
    const source = hedgedSource({ BREAKER_MIN_CALLS: '4', BREAKER_WINDOW_MS: '100' });
    const { clock, breaker, sent, budget, ask, expectNothingLeft } = source;
    clock.advance(200);
    const failing = Array.from({ length: 4 }, () => ask());
    const under = state === 'open' ? ask() : undefined;
    for (let at = 0; at < 4; at += 1) source.exchange(at).fail(new SourceStatusError(500));
    clock.advance(waitMs);
    const probe = under ?? ask();
    const before = budget.balance;
    clock.advance(DUE_MS);
    expect(breaker.state).toBe(state);
    expect(sent()).toHaveLength(5);
    expect(budget.balance).toBe(before);
    probe.unsubscribe();
    expectNothingLeft(probe, ...failing);
  });

  it.each([
    { leftMs: 110, attempts: 2 },
    { leftMs: 95, attempts: 1 },
  ])('when a usual answer does not fit into the rest of $leftMs ms', ({ leftMs, attempts }) => {
    const source = hedgedSource();
    const reserveMs = 60;
    const slow = slowCall(source, leftMs + reserveMs);
    expect(slow.attempts).toBe(attempts);
    source.expectNothingLeft();
  });

  it('beside an attempt that went out again because its connection was stale', () => {
    const source = hedgedSource({ URL: 'http://a:80,http://b:80,http://c:80' });
    const { clock, sent, exchange, ask, expectNothingLeft } = source;
    const call = ask();
    exchange(0).fail(new StaleSocketError());
    clock.advance(500);
    expect(sent()).toHaveLength(2);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it("beside a call that has only just been sent: the time in the line is not the source's", () => {
    const source = hedgedSource({ MAX_CONCURRENT: '4' });
    const { clock, bulkhead, sent, ask, expectNothingLeft } = source;
    const leave = enter(bulkhead, 4);
    const call = ask();
    clock.advance(DUE_MS - 5);
    leave();
    clock.advance(USUAL_MS);
    expect(sent()).toHaveLength(1);
    clock.advance(DUE_MS - USUAL_MS);
    expect(sent()).toHaveLength(2);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it('beside a call that is still in the line when it would be due, until it was sent and takes long', () => {
    const source = hedgedSource({ MAX_CONCURRENT: '4' });
    const { clock, bulkhead, sent, ask, expectNothingLeft } = source;
    const leave = enter(bulkhead, 4);
    const call = ask();
    clock.advance(DUE_MS + 10);
    expect(sent()).toHaveLength(0);
    leave();
    clock.advance(DUE_MS - 10);
    expect(sent()).toHaveLength(1);
    clock.advance(DUE_MS);
    expect(sent()).toHaveLength(2);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it('before 5 ms have passed, however fast the source is: it would race our own loop', () => {
    const { clock, sent, ask, expectNothingLeft } = hedgedSource({}, answers(40, 1));
    const call = ask();
    clock.advance(4);
    expect(sent()).toHaveLength(1);
    clock.advance(1);
    expect(sent()).toHaveLength(2);
    call.unsubscribe();
    expectNothingLeft(call);
  });

  it.each<[string, (source: ReturnType<typeof hedgedSource>) => void]>([
    ['is ejected', ({ balancer }) => fails(balancer, 5)],
    [
      'asks to be left alone',
      ({ balancer }) => balancer.ended(other(balancer), 'limited', 1, 9_000),
    ],
  ])('when the only other instance %s: it would go to the one that is slow', (_what, leaveOut) => {
    const source = hedgedSource();
    leaveOut(source);
    const { attempts, cost } = slowCall(source);
    expect(attempts).toBe(1);
    expect(cost).toBeCloseTo(-0.1);
    source.expectNothingLeft();
  });
});

const other = ({ list }: Balancer): Instance => list[1] as Instance;

function fails(balancer: Balancer, times: number): void {
  for (let time = 0; time < times; time += 1) balancer.ended(other(balancer), 'failed', 1);
}
