import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { breakerUnderTest } from '../../../test/support/breaker.ts';
import type { Verdict } from '../failure-policy.ts';
import type { BreakerState, Pass } from './breaker-gate.ts';

const OPTIONS = {
  windowMs: 1_000,
  minCalls: 2,
  failureRatio: 0.5,
  openMs: 200,
  probeLeaseMs: 300,
} as const;

type Step =
  | { readonly kind: 'acquire' }
  | { readonly kind: 'release'; readonly which: number; readonly verdict: Verdict }
  | { readonly kind: 'advance'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>({ kind: 'acquire' }) },
    {
      weight: 4,
      arbitrary: fc.record<Step & { kind: 'release' }>({
        kind: fc.constant('release'),
        // Counted from the latest pass: mostly recent ones, now and then one from long ago.
        which: fc.oneof({ weight: 4, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(40) }),
        verdict: fc.constantFrom('success', 'failure', 'neutral'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record<Step & { kind: 'advance' }>({
        kind: fc.constant('advance'),
        ms: fc.constantFrom(1, 99, 100, 200, 300, 400, 1_000),
      }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 30, maxLength: 100 },
);

interface ModelPass {
  readonly generation: number;
  /** Of a probe: when its lease ends. */
  readonly expiresAt: number | undefined;
}

/** The breaker as the contract words it, slow and plain: a list of verdicts, and one rule a line. */
class Automaton {
  state: BreakerState = 'closed';
  until = 0;
  generation = 0;
  private openedInARow = 0;
  private goodProbes = 0;
  private probe: ModelPass | undefined;
  private verdicts: { readonly slice: number; readonly failed: boolean }[] = [];
  private readonly start: number;

  constructor(start: number) {
    this.start = start;
  }

  tick(now: number): void {
    if (this.state === 'open' && now >= this.until) this.turn('half_open');
    const slice = this.slice(now);
    this.verdicts = this.verdicts.filter((verdict) => slice - verdict.slice < 10);
  }

  acquire(now: number): ModelPass | undefined {
    if (this.state === 'open') return undefined;
    if (this.state === 'closed') return { generation: this.generation, expiresAt: undefined };
    if (this.probe?.expiresAt !== undefined && now < this.probe.expiresAt) return undefined;
    this.probe = { generation: this.generation, expiresAt: now + OPTIONS.probeLeaseMs };
    return this.probe;
  }

  release(pass: ModelPass, verdict: Verdict, now: number): void {
    if (pass.generation !== this.generation) return;
    if (pass.expiresAt !== undefined) this.judge(pass, pass.expiresAt, verdict, now);
    else if (verdict !== 'neutral') {
      this.verdicts.push({ slice: this.slice(now), failed: verdict === 'failure' });
      const enough = this.verdicts.length >= OPTIONS.minCalls;
      if (enough && this.ratio() >= OPTIONS.failureRatio) this.open(now);
    }
  }

  ratio(): number {
    const failures = this.verdicts.filter(({ failed }) => failed).length;
    return failures === 0 ? 0 : failures / this.verdicts.length;
  }

  private judge(pass: ModelPass, expiresAt: number, verdict: Verdict, now: number): void {
    if (this.probe !== pass || now >= expiresAt) return;
    this.probe = undefined;
    if (verdict === 'failure') this.open(now);
    if (verdict === 'success') this.goodProbes += 1;
    if (this.goodProbes < 3) return;
    this.verdicts = [];
    this.openedInARow = 0;
    this.turn('closed');
  }

  private open(now: number): void {
    this.until = now + Math.min(30_000, OPTIONS.openMs * 2 ** this.openedInARow);
    this.openedInARow += 1;
    this.turn('open');
  }

  private turn(to: BreakerState): void {
    this.state = to;
    this.generation += 1;
    this.goodProbes = 0;
    this.probe = undefined;
  }

  private slice(now: number): number {
    return Math.floor((now - this.start) / (OPTIONS.windowMs / 10));
  }
}

describe('BreakerGate against a reference automaton', () => {
  it('agrees with it after every step of any sequence', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { clock, gate } = breakerUnderTest(OPTIONS);
        const model = new Automaton(clock.now());
        const passes: { readonly real: Pass; readonly model: ModelPass }[] = [];
        for (const step of script) {
          if (step.kind === 'advance') clock.advance(step.ms);
          model.tick(clock.now());
          if (step.kind === 'acquire') {
            const expected = model.acquire(clock.now());
            expect(gate.peek() === undefined).toBe(expected !== undefined);
            if (expected !== undefined) passes.push({ real: gate.acquire(), model: expected });
            else expect(() => gate.acquire()).toThrow('open');
          } else if (step.kind === 'release' && passes.length > 0) {
            // Any outstanding pass, however old.
            const [pass] = passes.splice(-1 - (step.which % passes.length), 1);
            if (pass === undefined) continue;
            gate.release(pass.real, step.verdict);
            model.release(pass.model, step.verdict, clock.now());
          }
          expect(gate.state).toBe(model.state);
          expect(gate.failureRatio).toBeCloseTo(model.ratio(), 12);
          expect(gate.openUntil).toBe(model.state === 'open' ? model.until : undefined);
        }
        gate.dispose();
      }),
      { numRuns: 1_000 },
    );
  });
});
