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
  generation = 0;
  private until = 0;
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

  get openUntil(): number | undefined {
    return this.state === 'open' ? this.until : undefined;
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

/** Everything a caller can see of either, in one line. */
const seen = (state: BreakerState, ratio: number, until: number | undefined): string =>
  `${state}, ratio ${ratio.toFixed(6)}, until ${until}`;

/** Runs both side by side; returns what was seen of the first difference, or of the end. */
function compare(script: readonly Step[]): { gate: string; automaton: string } {
  const { clock, gate } = breakerUnderTest(OPTIONS);
  const model = new Automaton(clock.now());
  const passes: { readonly real: Pass; readonly model: ModelPass }[] = [];
  let both = { gate: '', automaton: '' };
  for (const step of script) {
    if (step.kind === 'advance') clock.advance(step.ms);
    model.tick(clock.now());
    if (step.kind === 'acquire') {
      const refused = gate.peek() !== undefined;
      const expected = model.acquire(clock.now());
      if (refused !== (expected === undefined))
        return { gate: `refused: ${refused}`, automaton: `refused: ${!refused}` };
      if (expected !== undefined) passes.push({ real: gate.acquire(), model: expected });
    } else if (step.kind === 'release' && passes.length > 0) {
      const [pass] = passes.splice(-1 - (step.which % passes.length), 1);
      if (pass === undefined) continue;
      gate.release(pass.real, step.verdict);
      model.release(pass.model, step.verdict, clock.now());
    }
    both = {
      gate: seen(gate.state, gate.failureRatio, gate.openUntil),
      automaton: seen(model.state, model.ratio(), model.openUntil),
    };
    if (both.gate !== both.automaton) break;
  }
  gate.dispose();
  return both;
}

describe('BreakerGate against a reference automaton', () => {
  it('agrees with it after every step of any sequence', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { gate, automaton } = compare(script);
        expect(gate).toBe(automaton);
      }),
      { numRuns: 1_000 },
    );
  });
});
