import { describe, expect, it } from '@jest/globals';
import { breakerUnderTest } from '../../../test/support/breaker.ts';
import {
  BulkheadFullError,
  CircuitOpenError,
  DeadlineExceededError,
  QueueTimeoutError,
} from '../../errors/errors.ts';
import { consequenceOf } from '../failure-policy.ts';

/** What opossum around a call gets wrong; each seen in a measurement before, none of them ours. */
describe("the naive opossum wiring's faults", () => {
  it.each([
    new BulkheadFullError(),
    new QueueTimeoutError(75),
    new CircuitOpenError(1_000),
    new DeadlineExceededError(),
  ])('capacity rejection as failure: $code is not held against the source', (refusal) => {
    const { gate } = breakerUnderTest({ minCalls: 1 });
    for (let call = 0; call < 10; call += 1)
      gate.release(gate.acquire(), consequenceOf(refusal).verdict);
    expect(gate).toMatchObject({ state: 'closed', failureRatio: 0 });
  });

  it('errorFilter success closing: three cancelled probes do not close it', () => {
    const { gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('nnn');
    expect(gate.state).toBe('half_open');
  });

  it('errorFilter success diluting: cancellations do not lower the share of failures', () => {
    const { gate, attempts } = breakerUnderTest();
    attempts('nnnnnnffff');
    expect(gate).toMatchObject({ state: 'open', failureRatio: 1 });
  });

  it('stale outcomes counting: successes begun before it opened do not close it', () => {
    const { gate, acquireMany, halfOpen } = breakerUnderTest();
    const slow = acquireMany(3);
    halfOpen();
    for (const pass of slow) gate.release(pass, 'success');
    expect(gate.state).toBe('half_open');
  });

  it('stuck half-open: a probe that never settles does not refuse everybody for ever', () => {
    const { clock, gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    gate.acquire();
    clock.advance(1_500);
    attempts('sss');
    expect(gate.state).toBe('closed');
  });

  it('wrong denominator: calls in flight do not count, 100 at once open it at the 20th failure', () => {
    const { gate, acquireMany } = breakerUnderTest({ minCalls: 20 });
    const passes = acquireMany(100);
    const states = passes.map((pass) => {
      gate.release(pass, 'failure');
      return gate.state;
    });
    expect(states.indexOf('open')).toBe(19);
  });

  it('strictly more: exactly the configured ratio is enough', () => {
    const { gate, attempts } = breakerUnderTest({ minCalls: 20 });
    attempts('sf'.repeat(9));
    expect(gate.state).toBe('closed');
    attempts('sf');
    expect(gate.state).toBe('open');
  });

  it('one success closing: one good probe is not enough', () => {
    const { gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('s');
    expect(gate.state).toBe('half_open');
  });

  it('close not clearing the window: the failures that opened it do not trip it again', () => {
    const { gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('sss');
    attempts('fff');
    expect(gate.state).toBe('closed');
  });

  it('old failures surviving a pause: what is older than the window does not count', () => {
    const { clock, gate, attempts } = breakerUnderTest();
    attempts('fff');
    clock.advance(60_000);
    attempts('f');
    expect(gate).toMatchObject({ state: 'closed', failureRatio: 1 });
  });
});
