import type { Clock } from '../../context/clock.ts';
import { CircuitOpenError } from '../../errors/errors.ts';
import type { Random } from '../../instances/balancer.ts';
import type { Verdict } from '../failure-policy.ts';
import { OpossumBreaker, type WindowOptions } from './opossum-breaker.ts';

/**
 * The circuit breaker as callers meet it. opossum keeps the window of the closed state; this gate adds what it lacks:
 * outcomes that say nothing, answers from before a state change that no longer count, one probe at a time with its
 * slot given back, three good probes to close, and an open time that grows.
 */

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;

export type BreakerState = (typeof BREAKER_STATES)[number];

export interface BreakerOptions extends WindowOptions {
  /** First time it stays open. */
  readonly openMs: number;
  /** After which a probe that never reported back is taken for lost. */
  readonly probeLeaseMs: number;
}

/** Handed out to an attempt, given back once with its verdict. */
export interface Pass {
  readonly generation: number;
  readonly isProbe: boolean;
}

export type BreakerListener = (to: BreakerState, from: BreakerState) => void;

/** Longest time it stays open between two probes (unless configured longer from the start). */
const MAX_OPEN_MS = 30_000;
/** The open time is spread by this share either way, so that many processes do not probe in step. */
const JITTER = 0.2;
/** Good probes in a row that close it. */
const PROBES_TO_CLOSE = 3;

export class BreakerGate {
  private readonly options: BreakerOptions;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly window: OpossumBreaker;
  private readonly listeners: BreakerListener[] = [];
  private current: BreakerState = 'closed';
  /** Moves on with every change of state; a pass of an earlier one has nothing to say. */
  private generation = 0;
  private timesOpened = 0;
  private until = 0;
  private goodProbes = 0;
  private probe: { readonly pass: Pass; readonly expiresAt: number } | undefined;

  constructor(options: BreakerOptions, clock: Clock, random: Random) {
    this.options = options;
    this.clock = clock;
    this.random = random;
    this.window = new OpossumBreaker(options, clock);
  }

  get state(): BreakerState {
    if (this.current === 'open' && this.clock.now() >= this.until) this.change('half_open');
    return this.current;
  }

  get failureRatio(): number {
    return this.window.failureRatio;
  }

  /** When the next probe may go, in `clock.now()` ms; undefined unless open. */
  get openUntil(): number | undefined {
    return this.state === 'open' ? this.until : undefined;
  }

  onChange(listener: BreakerListener): void {
    this.listeners.push(listener);
  }

  /** What `acquire` would say now, without taking anything. */
  peek(): CircuitOpenError | undefined {
    const { state } = this;
    if (state === 'closed' || (state === 'half_open' && !this.isProbing())) return undefined;
    return new CircuitOpenError(this.retryAfterMs());
  }

  /** @throws CircuitOpenError */
  acquire(): Pass {
    const refusal = this.peek();
    if (refusal !== undefined) throw refusal;
    const pass: Pass = { generation: this.generation, isProbe: this.current === 'half_open' };
    if (pass.isProbe)
      this.probe = { pass, expiresAt: this.clock.now() + this.options.probeLeaseMs };
    return pass;
  }

  /** Call exactly once for each pass. */
  release(pass: Pass, verdict: Verdict): void {
    if (pass.generation !== this.generation) return;
    if (pass.isProbe) this.judgeProbe(pass, verdict);
    else if (verdict !== 'neutral') {
      this.window.record(verdict === 'failure');
      if (this.window.isOpen) this.open();
    }
  }

  dispose(): void {
    this.window.dispose();
  }

  private judgeProbe(pass: Pass, verdict: Verdict): void {
    // A probe that comes back after its lease was lost, whether or not its slot is somebody else's by now.
    if (this.probe?.pass !== pass || !this.isProbing()) return;
    this.probe = undefined;
    if (verdict === 'failure') this.open();
    else if (verdict === 'success' && (this.goodProbes += 1) === PROBES_TO_CLOSE) this.close();
  }

  private open(): void {
    const { openMs } = this.options;
    const grownMs = Math.min(openMs * 2 ** this.timesOpened, Math.max(openMs, MAX_OPEN_MS));
    this.until = this.clock.now() + grownMs * (1 - JITTER + 2 * JITTER * this.random());
    this.timesOpened += 1;
    this.change('open');
  }

  private close(): void {
    this.timesOpened = 0;
    this.window.close();
    this.change('closed');
  }

  private change(to: BreakerState): void {
    const from = this.current;
    this.current = to;
    this.generation += 1;
    this.goodProbes = 0;
    this.probe = undefined;
    for (const listener of this.listeners) listener(to, from);
  }

  private isProbing(): boolean {
    return this.probe !== undefined && this.clock.now() < this.probe.expiresAt;
  }

  private retryAfterMs(): number {
    return Math.max(0, this.until - this.clock.now());
  }
}
