import type { Clock } from '../clock.ts';
import { Fifo } from '../fifo.ts';

/**
 * The line before the door. A burst is read in one go and begun a little a turn of the event loop, so that what is due
 * meanwhile goes out in between, and so that it is known how long the last one will have waited. Outside of a burst
 * nobody stands in line.
 */

/**
 * Of a deadline, what a request may spend in line: the rest is for the sources. With a third, the last answers of 4,900 at
 * once came up to 0.15 s too late (decision 9).
 */
export const SHARE_IN_LINE = 0.28;

/** What a turn has room for. */
interface Turn {
  /** Requests that begin in it without a line. */
  readonly most: number;
  /** For so long those in line begin in it, in ms. */
  readonly lineMs: number;
}

/** A full load brings a hundred or two in a turn; who stands in line costs more. */
const MOST_A_TURN = 256;
const LINE_MS = 5;
/** While connections come: Node accepts one of them a turn (libuv since 1.45), so turns have to be short. */
const ACCEPTING: Turn = { most: 1, lineMs: 0.3 };

/** Beginning is half of what is done meanwhile. */
const WITH_OTHERS = 2;
/** What one of the line takes before it is known, with all that is done in between, in ms. */
const UNKNOWN_MS = 0.2;
/** So many weigh as much as what was known before: the first ones of a process that has just started say little. */
const HALF_KNOWN = 64;

export class Line {
  private readonly clock: Clock;
  private begun = 0;
  private readonly usual: Turn;
  private room: Turn;
  private isTurnComing = false;
  private readonly waiting = new Fifo<() => void>();
  /** How long one of the line takes at present, with all that is done in between, in ms. */
  private eachMs = UNKNOWN_MS;

  /** @param most that begin in a turn without a line */
  constructor(clock: Clock, most = MOST_A_TURN) {
    this.clock = clock;
    this.room = this.usual = { most, lineMs: LINE_MS };
  }

  get length(): number {
    return this.waiting.length;
  }

  /** How long who comes now will stand in line, as things are, in ms. */
  get expectedMs(): number {
    return this.length * this.eachMs;
  }

  /** A connection was accepted: there may be more, and each of them takes a turn. */
  accepted(): void {
    this.room = ACCEPTING;
    this.comeByTurn();
  }

  /** Whether one may begin at once. */
  passes(): boolean {
    if (this.begun >= this.room.most || this.length > 0) return false;
    this.begun += 1;
    this.comeByTurn();
    return true;
  }

  /** Runs `begin` when all before it have begun. */
  wait(begin: () => void): void {
    this.waiting.push(begin);
    this.comeByTurn();
  }

  private comeByTurn(): void {
    if (this.isTurnComing) return;
    this.isTurnComing = true;
    this.clock.afterPoll(this.turn);
  }

  private readonly turn = (): void => {
    const { lineMs } = this.room;
    this.isTurnComing = false;
    this.room = this.usual;
    this.begun = 0;
    if (this.length === 0) return;
    this.move(lineMs);
    if (this.length > 0) this.comeByTurn();
  };

  /** At least one begins. */
  private move(lineMs: number): void {
    const startedAt = this.clock.now();
    let tookMs = 0;
    let served = 0;
    while (this.length > 0 && (served === 0 || tookMs < lineMs)) {
      served += 1;
      this.waiting.shift()?.();
      tookMs = this.clock.now() - startedAt;
    }
    const eachMs = (WITH_OTHERS * tookMs) / served;
    this.eachMs += ((eachMs - this.eachMs) * served) / (served + HALF_KNOWN);
  }
}
