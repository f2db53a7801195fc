import { describe, expect, it } from '@jest/globals';
import { breakerUnderTest } from '../../../test/support/breaker.ts';
import { CircuitOpenError } from '../../errors/errors.ts';

describe('BreakerGate, closed', () => {
  it('lets everything through', () => {
    const { gate, acquireMany } = breakerUnderTest();
    expect(gate.peek()).toBeUndefined();
    expect(acquireMany(100)).toHaveLength(100);
    expect(gate).toMatchObject({ state: 'closed', openUntil: undefined, failureRatio: 0 });
  });

  it.each([
    ['fff', 'closed'],
    ['ffff', 'open'],
    ['ssff', 'open'],
    ['ffss', 'open'],
    ['sssff', 'closed'],
  ])('after %s it is %s', (verdicts, state) => {
    const { gate, attempts } = breakerUnderTest();
    attempts(verdicts);
    expect(gate.state).toBe(state);
  });

  it('does not count a neutral verdict, neither as a call nor as a failure', () => {
    const { gate, attempts } = breakerUnderTest();
    attempts('nnnnnnnnfff');
    expect(gate).toMatchObject({ state: 'closed', failureRatio: 1 });
    attempts('nnnnf');
    expect(gate.state).toBe('open');
  });

  it('does not open for failures that its window has forgotten', () => {
    const { clock, gate, attempts } = breakerUnderTest();
    attempts('fff');
    clock.advance(10_000);
    attempts('f');
    expect(gate.state).toBe('closed');
  });
});

describe('BreakerGate, open', () => {
  it('refuses, and says when to come back', () => {
    const { clock, gate, open } = breakerUnderTest();
    open();
    clock.advance(400);
    expect(() => gate.acquire()).toThrow(CircuitOpenError);
    expect(gate.peek()?.retryAfterMs).toBe(600);
    expect(gate.openUntil).toBe(clock.now() + 600);
  });

  it('keeps telling the ratio that opened it', () => {
    const { gate, attempts } = breakerUnderTest();
    attempts('sfff');
    expect(gate).toMatchObject({ state: 'open', failureRatio: 0.75 });
  });

  it.each([
    [0, 800],
    [0.5, 1_000],
    [0.999, 1_199.6],
  ])('with a random number of %d stays open for %d ms', (random, openMs) => {
    const { clock, gate, open } = breakerUnderTest({}, () => random);
    open();
    expect(gate.openUntil).toBeCloseTo(clock.now() + openMs, 6);
    clock.advance(openMs - 0.1);
    expect(gate.state).toBe('open');
    clock.advance(0.2);
    expect(gate.state).toBe('half_open');
  });

  it('doubles the open time with each failed probe, up to 30 s', () => {
    const { clock, gate, attempts, open } = breakerUnderTest();
    const openTimes: number[] = [];
    open();
    for (let times = 0; times < 7; times += 1) {
      const openMs = (gate.openUntil ?? 0) - clock.now();
      openTimes.push(openMs);
      clock.advance(openMs);
      attempts('f');
    }
    expect(openTimes).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('spreads the longest open time too', () => {
    const { clock, gate, attempts, open } = breakerUnderTest({}, () => 0.999);
    open();
    for (let times = 0; times < 8; times += 1) {
      clock.advance((gate.openUntil ?? 0) - clock.now());
      attempts('f');
    }
    expect((gate.openUntil ?? 0) - clock.now()).toBeCloseTo(35_988, 6);
  });

  it('does not shorten an open time that is configured longer than 30 s', () => {
    const { clock, gate, attempts, open } = breakerUnderTest({ openMs: 60_000 });
    open();
    clock.advance(60_000);
    attempts('f');
    expect((gate.openUntil ?? 0) - clock.now()).toBe(60_000);
  });

  it('starts with the short open time again after it was closed', () => {
    const { clock, gate, attempts, halfOpen, open } = breakerUnderTest();
    halfOpen();
    attempts('f');
    clock.advance(2_000);
    attempts('sss');
    open();
    expect((gate.openUntil ?? 0) - clock.now()).toBe(1_000);
  });

  it('tells each listener of each change once, in order', () => {
    const { clock, gate, changes, attempts, halfOpen } = breakerUnderTest();
    const alsoTold: string[] = [];
    gate.onChange((to) => alsoTold.push(to));
    halfOpen();
    attempts('f');
    clock.advance(2_000);
    attempts('sss');
    expect(changes).toEqual([
      'closed -> open',
      'open -> half_open',
      'half_open -> open',
      'open -> half_open',
      'half_open -> closed',
    ]);
    expect(alsoTold).toEqual(['open', 'half_open', 'open', 'half_open', 'closed']);
  });

  it('is already open when its listeners hear of it', () => {
    const { gate, open } = breakerUnderTest();
    let refused: boolean | undefined;
    gate.onChange((to) => {
      if (to === 'open') refused = gate.peek() instanceof CircuitOpenError;
    });
    open();
    expect(refused).toBe(true);
  });
});

describe('BreakerGate and verdicts from before a change', () => {
  it('ignores passes of the closed state once it is open', () => {
    const { clock, gate, changes, acquireMany, open } = breakerUnderTest();
    const early = acquireMany(10);
    open();
    const until = gate.openUntil;
    for (const pass of early) gate.release(pass, 'failure');
    expect(gate).toMatchObject({ state: 'open', openUntil: until });
    expect(changes).toEqual(['closed -> open']);
    expect(clock.pending).toBe(0);
  });

  it('ignores passes of an earlier closed state once it is closed again', () => {
    const { gate, acquireMany, attempts, halfOpen } = breakerUnderTest();
    const early = acquireMany(10);
    halfOpen();
    attempts('sss');
    for (const pass of early) gate.release(pass, 'failure');
    expect(gate).toMatchObject({ state: 'closed', failureRatio: 0 });
  });
});
