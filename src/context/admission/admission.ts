import type { Clock } from '../clock.ts';
import { HeapPressure, usedShareOfHeap } from './heap-pressure.ts';
import { Line } from './line.ts';
import { LoopDelay } from './loop-delay.ts';
import { ShedRate } from './shed-rate.ts';

/**
 * Who may come in. What is over the limits is turned away before anything is done for it, so that what is inside still
 * ends in time.
 */

/** Why a request was turned away. */
export const SHED_REASONS = ['in_flight', 'event_loop', 'heap'] as const;

export type ShedReason = (typeof SHED_REASONS)[number];

export interface AdmissionLimits {
  /** Requests at once. */
  readonly maxInFlight: number;
  readonly maxLoopDelayMs: number;
  /** In line before the door: who would wait for longer is turned away. */
  readonly maxWaitMs: number;
}

/** What the door says. One of a few constants: nothing is made for a request. */
export interface Verdict {
  /** Why it may not come in; undefined: it is in, and counts until it leaves. */
  readonly shed: ShedReason | undefined;
  /** Whether it found the process close to a limit. */
  readonly isTight: boolean;
}

/** Must be quick and must not throw. */
export type ShedListener = (reason: ShedReason) => void;

const ADMITTED: Verdict = { shed: undefined, isTight: false };
const ADMITTED_TIGHT: Verdict = { shed: undefined, isTight: true };
const SHED: Readonly<Record<ShedReason, Verdict>> = {
  in_flight: { shed: 'in_flight', isTight: true },
  event_loop: { shed: 'event_loop', isTight: true },
  heap: { shed: 'heap', isTight: true },
};

/** Share of a limit from which on only what must be asked is. */
const TIGHT = 0.8;

/**
 * With a full heap one in so many still comes in: what fills it may be garbage, and the collector does not run where
 * nothing is allocated.
 */
const HEAP_PROBE = 10;

export class Admission {
  /** Whoever was let in stands in it before anything is begun. */
  readonly line: Line;

  private readonly limits: AdmissionLimits;
  private readonly clock: Clock;
  private readonly loopDelay: LoopDelay;
  private readonly heap: HeapPressure;
  private readonly shedRate: ShedRate;
  private readonly listeners: ShedListener[] = [];
  private inside = 0;
  private sinceHeapProbe = 0;

  /** @param usedShare of the heap, 0–1 */
  constructor(limits: AdmissionLimits, clock: Clock, usedShare = usedShareOfHeap) {
    this.limits = limits;
    this.clock = clock;
    this.line = new Line(clock);
    this.loopDelay = new LoopDelay(clock);
    this.heap = new HeapPressure(usedShare);
    this.shedRate = new ShedRate(clock);
  }

  /** Requests that came in and have not left. */
  get inFlight(): number {
    return this.inside;
  }

  /** How late the event loop is, over the last second. */
  get loopDelayMs(): number {
    return this.loopDelay.currentMs(this.clock.now());
  }

  /** Whether so many were turned away lately that others had better be sent elsewhere. */
  get isShedding(): boolean {
    return this.shedRate.isHigh;
  }

  /** Begins to watch the event loop. */
  start(): void {
    this.loopDelay.start();
  }

  stop(): void {
    this.loopDelay.stop();
  }

  onShed(listener: ShedListener): void {
    this.listeners.push(listener);
  }

  /** Whoever is let in must `leave`, exactly once. */
  enter(): Verdict {
    const now = this.clock.now();
    const delayMs = this.loopDelay.currentMs(now);
    const reason = this.refusal(delayMs, now);
    if (reason !== undefined) return this.shed(reason);
    const isTight = this.isTight(delayMs);
    this.inside += 1;
    return isTight ? ADMITTED_TIGHT : ADMITTED;
  }

  leave(): void {
    this.inside -= 1;
  }

  /** Who was let in has its turn now. One that has waited for too long is turned away all the same. */
  begin(waitedMs: number): Verdict {
    const { maxWaitMs } = this.limits;
    if (waitedMs > maxWaitMs) return this.shed('event_loop');
    return waitedMs >= TIGHT * maxWaitMs ? ADMITTED_TIGHT : ADMITTED;
  }

  private refusal(delayMs: number, now: number): ShedReason | undefined {
    const { maxInFlight, maxLoopDelayMs, maxWaitMs } = this.limits;
    if (this.inside >= maxInFlight) return 'in_flight';
    if (delayMs > maxLoopDelayMs || this.line.expectedMs > maxWaitMs) return 'event_loop';
    return this.heap.isTight(now) && !this.isHeapProbe() ? 'heap' : undefined;
  }

  private isTight(delayMs: number): boolean {
    const { maxInFlight, maxLoopDelayMs } = this.limits;
    return this.inside >= TIGHT * maxInFlight || delayMs >= TIGHT * maxLoopDelayMs;
  }

  private shed(reason: ShedReason): Verdict {
    this.shedRate.count();
    for (const listener of this.listeners) listener(reason);
    return SHED[reason];
  }

  private isHeapProbe(): boolean {
    this.sinceHeapProbe = (this.sinceHeapProbe + 1) % HEAP_PROBE;
    return this.sinceHeapProbe === 0;
  }
}
