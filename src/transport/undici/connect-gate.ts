import { Fifo } from '../../context/fifo.ts';

/**
 * How many sockets to one instance may be connecting at once. A connect takes a round trip, so a healthy run never
 * meets the limit. In a burst on cold connections it keeps thousands of connects from taking the loop for a second;
 * who gives up before its turn has cost nothing. An instance that swallows connects holds up nobody but itself.
 */

const MOST = 128;

/** Its turn has come. Returns whether it takes its place: who no longer needs one leaves it to the next. */
type Go = () => boolean;

export class ConnectGate {
  private inside = 0;
  private readonly waiting = new Fifo<Go>();

  /** Runs `go` now, or when all before it have had their turn and there is room. */
  enter(go: Go): void {
    // With room there is nobody before it: a place that becomes free is taken at once by who waits.
    if (this.inside < MOST) this.admit(go);
    else this.waiting.push(go);
  }

  /** Connected, or failed to; once for each that took its place. */
  leave(): void {
    this.inside -= 1;
    while (this.inside < MOST) {
      const go = this.waiting.shift();
      if (go === undefined) return;
      this.admit(go);
    }
  }

  private admit(go: Go): void {
    this.inside += 1;
    if (!go()) this.inside -= 1;
  }
}
