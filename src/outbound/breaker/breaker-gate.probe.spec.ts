import { describe, expect, it } from '@jest/globals';
import { breakerUnderTest } from '../../../test/support/breaker.ts';
import { CircuitOpenError } from '../../errors/errors.ts';

describe('BreakerGate, half open', () => {
  it('lets one probe go at a time', () => {
    const { gate, halfOpen } = breakerUnderTest();
    halfOpen();
    expect(gate).toMatchObject({ state: 'half_open', openUntil: undefined });
    expect(gate.peek()).toBeUndefined();
    const probe = gate.acquire();
    expect(gate.peek()).toBeInstanceOf(CircuitOpenError);
    expect(() => gate.acquire()).toThrow(CircuitOpenError);
    gate.release(probe, 'success');
    expect(gate.acquire().isProbe).toBe(true);
  });

  it('takes nothing when it is only looked at', () => {
    const { gate, halfOpen } = breakerUnderTest();
    halfOpen();
    expect([gate.peek(), gate.peek(), gate.state]).toEqual([undefined, undefined, 'half_open']);
    expect(gate.acquire().isProbe).toBe(true);
  });

  it('closes after three good probes, not after two', () => {
    const { gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('ss');
    expect(gate.state).toBe('half_open');
    attempts('s');
    expect(gate).toMatchObject({ state: 'closed', failureRatio: 0 });
  });

  it('reopens on a bad probe, also after two good ones', () => {
    const { gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('ssf');
    expect(gate.state).toBe('open');
  });

  it('starts counting good probes anew after it reopened', () => {
    const { clock, gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('ssf');
    clock.advance(2_000);
    attempts('ss');
    expect(gate.state).toBe('half_open');
  });

  it('gives the slot back on a neutral verdict, and counts it neither way', () => {
    const { gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('snnn');
    expect(gate.state).toBe('half_open');
    expect(gate.peek()).toBeUndefined();
    attempts('ss');
    expect(gate.state).toBe('closed');
  });

  it('gives the slot of a lost probe to another one after its lease, and not before', () => {
    const { clock, gate, halfOpen } = breakerUnderTest();
    halfOpen();
    gate.acquire();
    clock.advance(1_499);
    expect(gate.peek()).toBeInstanceOf(CircuitOpenError);
    clock.advance(1);
    expect(gate.peek()).toBeUndefined();
    expect(gate.acquire().isProbe).toBe(true);
  });

  it('gives a new probe a full lease of its own', () => {
    const { clock, gate, halfOpen } = breakerUnderTest();
    halfOpen();
    gate.acquire();
    clock.advance(1_500);
    gate.acquire();
    clock.advance(1_499);
    expect(gate.peek()).toBeInstanceOf(CircuitOpenError);
  });

  it.each(['success', 'failure', 'neutral'] as const)(
    'lets the late verdict "%s" of a lost probe change nothing while another one is under way',
    (verdict) => {
      const { clock, gate, halfOpen } = breakerUnderTest();
      halfOpen();
      const lost = gate.acquire();
      clock.advance(1_500);
      const second = gate.acquire();
      gate.release(lost, verdict);
      expect(gate.state).toBe('half_open');
      expect(gate.peek()).toBeInstanceOf(CircuitOpenError);
      gate.release(second, 'failure');
      expect(gate.state).toBe('open');
    },
  );

  it('lets the late failure of a lost probe change nothing while its slot is free', () => {
    const { clock, gate, halfOpen } = breakerUnderTest();
    halfOpen();
    const lost = gate.acquire();
    clock.advance(1_500);
    gate.release(lost, 'failure');
    expect(gate.state).toBe('half_open');
    expect(gate.peek()).toBeUndefined();
  });

  it('lets the late success of a lost probe change nothing while its slot is free', () => {
    const { clock, gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    attempts('ss');
    const lost = gate.acquire();
    clock.advance(1_500);
    gate.release(lost, 'success');
    expect(gate.state).toBe('half_open');
  });

  it('ignores a probe of an earlier half-open state', () => {
    const { clock, gate, attempts, halfOpen } = breakerUnderTest();
    halfOpen();
    const lost = gate.acquire();
    clock.advance(1_500);
    attempts('f');
    clock.advance(2_000);
    expect(gate.state).toBe('half_open');
    gate.release(lost, 'failure');
    expect(gate.state).toBe('half_open');
    attempts('sss');
    expect(gate.state).toBe('closed');
  });

  it('counts a verdict once, also when it is given twice', () => {
    const { gate, halfOpen } = breakerUnderTest();
    halfOpen();
    const probe = gate.acquire();
    gate.release(probe, 'success');
    gate.release(probe, 'success');
    gate.release(probe, 'success');
    gate.release(probe, 'failure');
    expect(gate.state).toBe('half_open');
  });

  it('needs no timer', () => {
    const { clock, gate, halfOpen } = breakerUnderTest();
    halfOpen();
    gate.acquire();
    expect(clock.pending).toBe(0);
    gate.dispose();
  });
});
