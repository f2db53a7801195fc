/**
 * Whether an attempt still occupies a socket, and what has to be given back when it no longer does. An aborted
 * attempt is over for its caller at once, but the source may go on counting it until it sees the socket close: what
 * the attempt holds (its permit, its place in the instance's load) is held that long.
 *
 * Sockets are counted: an attempt that goes out again may take its next one before the one that broke has closed.
 */
export class Wire {
  /** Of the answer, from when its head has come; 0 before. */
  statusCode = 0;
  private sockets = 0;
  private waiting: (() => void)[] | undefined;

  /** The transport is about to use a socket. */
  occupy(): void {
    this.sockets += 1;
  }

  /** A socket is done with the attempt; once for each that was occupied. */
  free(): void {
    this.sockets = Math.max(0, this.sockets - 1);
    if (this.sockets > 0) return;
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) for (const release of waiting) release();
  }

  /** Runs `release` now, or as soon as the socket is done. */
  whenFree(release: () => void): void {
    if (this.sockets === 0) release();
    else if (this.waiting === undefined) this.waiting = [release];
    else this.waiting.push(release);
  }
}
