import type { Caller } from '../flow.ts';
import type { CallDeadline, Trail } from '../call/call-context.ts';
import { FlightDeadline } from './flight-deadline.ts';
import type { Flights, Question } from './flights.ts';

/** Somebody who waits for a shared call; told once how it ended, unless it left before. */
export interface Passenger<T> {
  readonly deadline: CallDeadline;
  landed(value: T): void;
  failed(error: unknown): void;
}

/**
 * One call that several wait for. Everybody keeps a deadline of their own and may leave at any time; the call itself
 * runs with the longest of them, and is aborted when the last one has left. Its outcome is for those on board only.
 *
 * It is boarded only while it is younger than the longest time anybody gave it. Otherwise a call that hangs, with a new
 * waiter coming before the last one is gone, would go on for ever, and nobody would be told anything but "timeout".
 */
export class Flight<T> implements Caller<T> {
  /** The longest of those on board. */
  readonly deadline: FlightDeadline;
  /** What becomes of the call. */
  readonly trail: Trail;
  /** The call itself, set by who makes it: given up when nobody waits any more. */
  call: { unsubscribe(): void } | undefined = undefined;
  /** The next one in its bucket, while it may be boarded. */
  below: Flight<T> | undefined = undefined;
  readonly question: Question;
  private readonly flights: Flights<T>;
  // An array: almost every flight has one.
  private readonly passengers: Passenger<T>[];
  private readonly tookOffAt: number;
  private boardsUntil: number;
  private hasEnded = false;

  /** It is among the `flights` until it is over: before anybody is told, so that from then on nobody boards it. */
  constructor(question: Question, first: Passenger<T>, trail: Trail, flights: Flights<T>) {
    this.question = question;
    this.flights = flights;
    this.deadline = new FlightDeadline(first.deadline);
    this.trail = trail;
    this.passengers = [first];
    this.tookOffAt = nowOf(first.deadline);
    this.boardsUntil = first.deadline.answerAt;
    flights.add(this);
  }

  /** Whether everybody has been told, or has left. */
  get isOver(): boolean {
    return this.hasEnded;
  }

  /** Whether somebody may still board. */
  takes({ deadline }: Pick<Passenger<T>, 'deadline'>): boolean {
    return nowOf(deadline) < this.boardsUntil;
  }

  board(passenger: Passenger<T>): void {
    const { deadline } = passenger;
    this.passengers.push(passenger);
    this.deadline.join(deadline);
    this.boardsUntil = Math.max(this.boardsUntil, this.tookOffAt + deadline.leftMs());
  }

  /** Safe to call when it is over. */
  leave(passenger: Passenger<T>): void {
    if (this.hasEnded) return;
    const at = this.passengers.indexOf(passenger);
    if (at < 0) return;
    this.passengers.splice(at, 1);
    this.deadline.leave(passenger.deadline);
    if (this.passengers.length === 0 && this.end()) this.call?.unsubscribe();
  }

  next(value: T): void {
    if (this.end()) for (const passenger of this.passengers) passenger.landed(value);
  }

  error(error: unknown): void {
    if (this.end()) for (const passenger of this.passengers) passenger.failed(error);
  }

  complete(): void {
    // Everybody has been told with the value.
  }

  private end(): boolean {
    if (this.hasEnded) return false;
    this.hasEnded = true;
    this.flights.remove(this);
    return true;
  }
}

const nowOf = (deadline: CallDeadline): number => deadline.answerAt - deadline.leftMs();
