/**
 * Whether an attempt still occupies a socket, and what has to be given back when it no longer does. An aborted
 * attempt is over for its caller at once, but the source may go on counting it until it sees the socket close: what
 * the attempt holds (its permit, its place in the instance's load) is held that long.
 */
export class Wire {
  private busy = false;
  private waiting: (() => void)[] | undefined;

  /** The transport is about to use a socket. */
  occupy(): void {
    this.busy = true;
  }

  /** The socket is done with the attempt. Safe to call twice. */
  free(): void {
    this.busy = false;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) for (const release of waiting) release();
  }

  /** Runs `release` now, or as soon as the socket is done. */
  whenFree(release: () => void): void {
    if (!this.busy) release();
    else if (this.waiting === undefined) this.waiting = [release];
    else this.waiting.push(release);
  }
}
