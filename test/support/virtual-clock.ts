import type { Clock, Timer } from '../../src/context/clock.ts';
import type { Random } from '../../src/instances/balancer.ts';

interface Alarm {
  readonly id: number;
  readonly at: number;
  readonly run: () => void;
}

/**
 * Time that moves only when a test says so, in turns like those of Node's event loop: first the timers that are due
 * (in order of time, then of creation), then the poll, which delivers what `arrive` announced, then what `afterPoll`
 * holds. Timers set meanwhile have their turn too, if they come due before `advance` returns.
 */
export class VirtualClock implements Clock {
  // Not zero, so that a duration taken for a time shows.
  private time = 10_000;
  private lastId = 0;
  private readonly timers = new Map<number, Alarm>();
  /** The same in the order of their turns, and some that were taken back. */
  private readonly order: Alarm[] = [];
  private arriving: (() => void)[] = [];
  private polled: (() => void)[] = [];

  /** How many timers are live. */
  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time;
  }

  setTimeout(run: () => void, delayMs: number): Timer {
    this.lastId += 1;
    const alarm: Alarm = { id: this.lastId, at: this.time + Math.max(0, delayMs), run };
    this.timers.set(alarm.id, alarm);
    this.order.splice(this.placeOf(alarm.at), 0, alarm);
    return alarm.id;
  }

  clearTimeout(timer: Timer): void {
    this.timers.delete(timer as number);
  }

  /** Queued: runs after the next poll, which comes before `advance` returns. */
  afterPoll(run: () => void): void {
    this.polled.push(run);
  }

  /** An answer that the kernel already holds: `run` is called in the next poll, after the timers that are due by then. */
  arrive(run: () => void): void {
    this.arriving.push(run);
  }

  /** Lets time pass turn by turn; ends with a poll, also when no timer was due. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let at = this.nextAt(); at <= end; at = this.nextAt()) {
      this.time = Math.max(this.time, at);
      this.runDue();
      this.poll();
    }
    this.time = end;
    this.poll();
  }

  /** The loop is blocked: time passes and nothing runs. What came due meanwhile runs, late, at the next `advance`. */
  stall(ms: number): void {
    this.time += ms;
  }

  /** After all that come due by then. */
  private placeOf(at: number): number {
    let [from, to] = [0, this.order.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.order[middle]?.at ?? Infinity) <= at) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  private nextAt(): number {
    const live = this.order.findIndex(({ id }) => this.timers.has(id));
    this.order.splice(0, live < 0 ? this.order.length : live);
    return this.order[0]?.at ?? Infinity;
  }

  private runDue(): void {
    const due = this.order.splice(0, this.placeOf(this.time));
    // One of them may take a later one back.
    for (const { id, run } of due) if (this.timers.delete(id)) run();
  }

  private poll(): void {
    for (let run = this.arriving.shift(); run !== undefined; run = this.arriving.shift()) run();
    for (let run = this.polled.shift(); run !== undefined; run = this.polled.shift()) run();
  }
}

/** mulberry32: the same numbers for the same seed, from 0 (included) to 1 (excluded). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
