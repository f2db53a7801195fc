import type { Clock, Timer } from '../../context/clock.ts';
import {
  BulkheadFullError,
  DeadlineExceededError,
  QueueTimeoutError,
  type RefusedError,
} from '../../errors/errors.ts';

/**
 * At most `maxConcurrent` attempts of a source at once, and a short line of those that wait for a permit. First come,
 * first served; who has waited too long is told so and never sent.
 */

/** A timer may run this much early. */
const TICK_MS = 1;

export interface BulkheadOptions {
  readonly maxConcurrent: number;
  readonly maxQueue: number;
  readonly maxQueueWaitMs: number;
}

/** What an applicant has of its deadline. It may move: a shared call waits for the one who has longest. */
export interface TimeLeft {
  leftMs(): number;
}

/** Exactly one of the two is called, unless the place is given back first. */
export interface Applicant {
  granted(waitedMs: number): void;
  refused(error: RefusedError, waitedMs: number): void;
}

/** Somebody's place: in the line, then at the source, then nowhere. */
export interface Place {
  state: 'waiting' | 'holding' | 'gone';
}

interface Waiter extends Place {
  readonly applicant: Applicant;
  readonly deadline: TimeLeft;
  readonly since: number;
  timer?: Timer;
}

export class Bulkhead {
  private readonly options: BulkheadOptions;
  private readonly clock: Clock;
  private readonly soft: { readonly current: number } | undefined;
  /** In order of arrival; a Set, so that leaving from the middle costs nothing. */
  private readonly line = new Set<Waiter>();
  private holding = 0;
  private admitting = false;

  /** @param soft a limit below `maxConcurrent` that moves */
  constructor(options: BulkheadOptions, clock: Clock, soft?: { readonly current: number }) {
    this.options = options;
    this.soft = soft;
    this.clock = clock;
  }

  /** Permits as of now. */
  get limit(): number {
    const { maxConcurrent } = this.options;
    return this.soft === undefined ? maxConcurrent : Math.min(maxConcurrent, this.soft.current);
  }

  get inFlight(): number {
    return this.holding;
  }

  get queued(): number {
    return this.line.size;
  }

  /** A permit at once, or undefined: then one must stand in line. */
  tryEnter(): Place | undefined {
    if (this.line.size > 0 || this.holding >= this.limit) return undefined;
    this.holding += 1;
    return { state: 'holding' };
  }

  /** @param deadline of the caller: nobody waits longer */
  enter(deadline: TimeLeft, applicant: Applicant): Place {
    const place = this.tryEnter();
    if (place !== undefined) {
      applicant.granted(0);
      return place;
    }
    if (this.line.size < this.options.maxQueue) return this.wait(deadline, applicant);
    applicant.refused(new BulkheadFullError(), 0);
    return { state: 'gone' };
  }

  /** Gives a permit or a place in the line back; the next in line takes a permit at once. Safe to call twice. */
  leave(place: Place): void {
    if (place.state === 'waiting') this.dequeue(place as Waiter);
    const held = place.state === 'holding';
    place.state = 'gone';
    if (!held) return;
    this.holding -= 1;
    this.admit();
  }

  /** Sends everybody in the line away. */
  flush(makeError: () => RefusedError): void {
    // A copy: who hears of it may enter again at once, and is not to be sent away for that.
    for (const waiter of Array.from(this.line)) this.refuse(waiter, makeError());
  }

  private wait(deadline: TimeLeft, applicant: Applicant): Place {
    const waiter: Waiter = { state: 'waiting', applicant, deadline, since: this.clock.now() };
    this.wakeLater(waiter);
    this.line.add(waiter);
    return waiter;
  }

  private wakeLater(waiter: Waiter): void {
    const wake = (): void => {
      // Its deadline may have moved on meanwhile.
      if (this.leftMs(waiter) < TICK_MS) this.expire(waiter);
      else this.wakeLater(waiter);
    };
    waiter.timer = this.clock.setTimeout(wake, this.leftMs(waiter));
  }

  private leftMs(waiter: Waiter): number {
    return Math.min(this.leftOfWaitMs(waiter), waiter.deadline.leftMs());
  }

  private leftOfWaitMs({ since }: Waiter): number {
    return since + this.options.maxQueueWaitMs - this.clock.now();
  }

  /** Not reentrant: who is granted a permit may fail at once and give it back. */
  private admit(): void {
    if (this.admitting) return;
    this.admitting = true;
    try {
      for (const waiter of this.line) {
        if (this.holding >= this.limit) break;
        // Its time may be up although its timer has not run yet: the loop was late.
        if (this.leftMs(waiter) <= 0) this.expire(waiter);
        else this.grant(waiter);
      }
    } finally {
      this.admitting = false;
    }
  }

  private grant(waiter: Waiter): void {
    this.dequeue(waiter);
    waiter.state = 'holding';
    this.holding += 1;
    waiter.applicant.granted(this.clock.now() - waiter.since);
  }

  private expire(waiter: Waiter): void {
    const byDeadline = waiter.deadline.leftMs() < this.leftOfWaitMs(waiter);
    this.refuse(
      waiter,
      byDeadline ? new DeadlineExceededError() : new QueueTimeoutError(this.options.maxQueueWaitMs),
    );
  }

  private refuse(waiter: Waiter, error: RefusedError): void {
    if (waiter.state !== 'waiting') return;
    this.dequeue(waiter);
    waiter.state = 'gone';
    waiter.applicant.refused(error, this.clock.now() - waiter.since);
  }

  private dequeue(waiter: Waiter): void {
    if (waiter.timer !== undefined) this.clock.clearTimeout(waiter.timer);
    this.line.delete(waiter);
  }
}
