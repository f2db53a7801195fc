import {
  BreakerGate,
  type BreakerOptions,
  type Pass,
} from '../../src/outbound/breaker/breaker-gate.ts';
import type { Verdict } from '../../src/outbound/failure-policy.ts';
import { VirtualClock } from './virtual-clock.ts';

const VERDICTS: Readonly<Record<string, Verdict>> = { s: 'success', f: 'failure', n: 'neutral' };

/** A breaker in virtual time that opens at 2 failures of 4 within 10 s, for exactly 1 s at first. */
export function breakerUnderTest(options: Partial<BreakerOptions> = {}, random = () => 0.5) {
  const clock = new VirtualClock();
  const gate = new BreakerGate(
    {
      windowMs: 10_000,
      minCalls: 4,
      failureRatio: 0.5,
      openMs: 1_000,
      probeLeaseMs: 1_500,
      ...options,
    },
    clock,
    random,
  );
  const changes: string[] = [];
  gate.onChange((to, from) => changes.push(`${from} -> ${to}`));
  /** Attempts one after the other: `s` succeeds, `f` fails, `n` says nothing. */
  const attempts = (verdicts: string): void => {
    for (const verdict of verdicts) gate.release(gate.acquire(), VERDICTS[verdict] ?? 'neutral');
  };
  const open = (): void => attempts('ffff');
  /** Open, and the open time is over. */
  const halfOpen = (): void => {
    open();
    clock.advance((gate.openUntil ?? 0) - clock.now());
  };
  const acquireMany = (count: number): Pass[] =>
    Array.from({ length: count }, () => gate.acquire());
  return { clock, gate, changes, attempts, open, halfOpen, acquireMany };
}
