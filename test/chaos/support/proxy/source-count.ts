import type { Socket } from 'node:net';
import type { Framing } from './framing.ts';

/** What is under way at one source, over all of its instances, as the far end of the connections sees it. */

/**
 * The service gives a permit back 10 ms after it has closed a connection. What is counted is right if this process has
 * looked at its connections more often than that: at the close, for as many turns as a source may need to notice it,
 * and then at the request on the next connection. Three beats in less than that time are a proof.
 */
const ON_TIME_MS = 8;
const BEATS = 3;
const BEAT_MS = 2;

export class SourceCount {
  /** Most requests at once, seen while this process was on time. */
  mostAtOnce = 0;
  /** Bytes at which a fault that moves on has struck, by framing. */
  readonly turns: Record<Framing, number> = { length: 0, chunks: 0 };
  /** Of the longest answer that it struck. */
  readonly longest: Record<Framing, number> = { length: 0, chunks: 0 };
  private readonly underWay = new Set<Socket>();
  /** The last beats, the oldest first. */
  private readonly beats: number[] = [];

  constructor() {
    setInterval(() => {
      if (this.beats.push(performance.now()) > BEATS) this.beats.shift();
    }, BEAT_MS).unref();
  }

  /** Connections with a request that was not answered. */
  get atOnce(): number {
    return this.underWay.size;
  }

  begun(socket: Socket): void {
    this.underWay.add(socket);
    const isOnTime = performance.now() - (this.beats[0] ?? 0) < ON_TIME_MS;
    if (isOnTime) this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay.size);
  }

  ended(socket: Socket): void {
    this.underWay.delete(socket);
  }

  /** As a source notices it, whose loop has other things to do. */
  closed(socket: Socket): void {
    setImmediate(() => setImmediate(() => this.ended(socket)));
  }

  turn(framing: Framing, length: number): number {
    this.longest[framing] = Math.max(this.longest[framing], length);
    this.turns[framing] += 1;
    return this.turns[framing] - 1;
  }

  reset(): void {
    this.mostAtOnce = this.underWay.size;
    for (const framing of ['length', 'chunks'] as const) {
      this.turns[framing] = 0;
      this.longest[framing] = 0;
    }
  }
}
