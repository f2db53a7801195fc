import type { CallDeadline, Trail } from '../call/call-context.ts';
import { FlightDeadline } from './flight-deadline.ts';

/** Somebody who waits for a shared call; told once how it ended, unless it left before. */
export interface Passenger<T> {
  readonly deadline: CallDeadline;
  landed(value: T): void;
  failed(error: unknown): void;
}

/**
 * One call that several wait for. Everybody keeps a deadline of their own and may leave at any time; the call itself
 * runs with the longest of them, and is aborted when the last one has left. Its outcome is for those on board only.
 */
export class Flight<T> {
  /** The longest of those on board. */
  readonly deadline: FlightDeadline;
  /** What becomes of the call. */
  readonly trail: Trail;
  /** Set by who makes the call: ends it, as nobody waits any more. */
  abort: (() => void) | undefined;
  private readonly onOver: () => void;
  private readonly passengers = new Set<Passenger<T>>();
  private over = false;

  /** @param onOver called once, before anybody is told: from then on nobody may board */
  constructor(first: Passenger<T>, trail: Trail, onOver: () => void) {
    this.deadline = new FlightDeadline(first.deadline);
    this.trail = trail;
    this.passengers.add(first);
    this.onOver = onOver;
  }

  /** Whether everybody has been told, or nobody was left. */
  get isOver(): boolean {
    return this.over;
  }

  board(passenger: Passenger<T>): void {
    this.passengers.add(passenger);
    this.deadline.join(passenger.deadline);
  }

  /** Safe to call when it is over. */
  leave(passenger: Passenger<T>): void {
    if (this.over || !this.passengers.delete(passenger)) return;
    this.deadline.leave(passenger.deadline);
    if (this.passengers.size === 0 && this.end()) this.abort?.();
  }

  landed(value: T): void {
    if (this.end()) for (const passenger of this.passengers) passenger.landed(value);
  }

  failed(error: unknown): void {
    if (this.end()) for (const passenger of this.passengers) passenger.failed(error);
  }

  private end(): boolean {
    if (this.over) return false;
    this.over = true;
    this.onOver();
    return true;
  }
}
