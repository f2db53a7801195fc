import { Ejection } from './ejection.ts';
import type { Address, Instance } from './instance.ts';
import { PeakEwma } from './peak-ewma.ts';
import { shareAfter } from './slow-start.ts';

/** An instance with what this process learnt of it: what it costs to ask it, and whether it may be asked. */

/** The first few failures of late are for the ejection to judge; each one more costs a latency. They wear off. */
const FREE_FAILURES = 4;
const MOST_FAILURES = 100;
const FAILURE_TAU_MS = 10_000;
/** How long it is left alone when it asks for that and does not say for how long, and the longest. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Below it differences are noise of our own loop. */
const LEAST_MS = 1;

export class TrackedInstance implements Instance {
  readonly origin: string;
  readonly address: string;
  readonly hostname?: string;
  weight: number;
  inFlight = 0;
  private readonly latency = new PeakEwma();
  private readonly ejection = new Ejection();
  /** When its slow start began; `-Infinity` without one. */
  private startedAt: number;
  /** Failures of late, as of the last one. */
  private failures = 0;
  private failedAt = 0;
  private pausedUntil = -Infinity;

  constructor(address: Address, startedAt: number) {
    this.origin = address.origin;
    this.address = new URL(address.origin).host;
    if (address.hostname !== undefined) this.hostname = address.hostname;
    this.weight = address.weight;
    this.startedAt = startedAt;
  }

  /** What its answers take as of the last news of it; undefined while there is none. */
  get latencyMs(): number | undefined {
    return this.latency.latestMs;
  }

  /** What to expect of it now; undefined while nothing is known. */
  expectedMs(now: number): number | undefined {
    return this.latency.currentMs(now);
  }

  /** What one attempt costs by itself: its latency, or a multiple of it after many failures. */
  costMs(now: number, usualMs: number | undefined): number {
    const latencyMs = Math.max(LEAST_MS, this.latency.currentMs(now) ?? usualMs ?? 0);
    if (this.failures <= FREE_FAILURES) return latencyMs;
    return latencyMs * Math.max(1, 1 + this.failuresOfLate(now) - FREE_FAILURES);
  }

  /** Its weight, less while it starts slowly. */
  shareAt(now: number): number {
    return this.weight * shareAfter(now - this.startedAt);
  }

  /** Whether it asked to be left alone. */
  isPaused(now: number): boolean {
    return now < this.pausedUntil;
  }

  /** When it may return, in `clock.now()` ms; undefined unless it is ejected. */
  ejectedUntil(now: number): number | undefined {
    this.returnIfTime(now);
    return this.ejection.until;
  }

  answered(elapsedMs: number, now: number): void {
    this.returnIfTime(now);
    this.latency.record(elapsedMs, now);
    this.ejection.answered(now);
  }

  /** @param usualMs what to expect of it while nothing is known */
  failed(elapsedMs: number, now: number, usualMs: number | undefined): void {
    this.abandoned(elapsedMs, now, usualMs);
    this.failures = Math.min(MOST_FAILURES, this.failuresOfLate(now) + 1);
    this.failedAt = now;
    this.ejection.failed(now);
  }

  /** @param usualMs what to expect of it while nothing is known */
  abandoned(elapsedMs: number, now: number, usualMs: number | undefined): void {
    this.returnIfTime(now);
    this.latency.raise(elapsedMs, now, usualMs);
  }

  /** It asks to be left alone. @param forMs when it says so */
  pause(forMs: number | undefined, now: number): void {
    const until = now + Math.min(forMs ?? PAUSE_MS, LONGEST_PAUSE_MS);
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }

  isFailing(now: number): boolean {
    return this.ejection.isDue(now);
  }

  /** @returns for how long, in ms */
  eject(now: number): number {
    return this.ejection.begin(now);
  }

  private failuresOfLate(now: number): number {
    return this.failures * Math.exp((this.failedAt - now) / FAILURE_TAU_MS);
  }

  /** Ends an ejection whose time is over: a slow start, and nothing of what was known of it before. */
  private returnIfTime(now: number): void {
    const { until } = this.ejection;
    if (until === undefined || now < until) return;
    this.ejection.end(until);
    this.latency.forget();
    this.failures = 0;
    this.startedAt = until;
  }
}
