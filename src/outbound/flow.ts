/** How a call ended below some point of the pipeline. */
export type End<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'cancel' };

/** What a layer leaves in a flow on the way down. A class of its own per layer: it holds what the way back up needs. */
export abstract class Frame<T> {
  /** The one left before it, by a layer further out; only the flow's. */
  outer: Frame<T> | undefined = undefined;

  /**
   * Told once how the call ended below its layer, before anybody above hears of it: to judge it, or to give something
   * back. After an error it may go on with the call in another way, and says so. Apart from that, its layer leaves
   * the flow alone from then on.
   */
  abstract ended(end: End<T>): 'goes on' | void;
}

/** Who waits for the end of a flow, as rxjs' observers do: a value and `complete` right after it, or an error. */
export interface Caller<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

const CANCELLED = { kind: 'cancel' } as const;

/**
 * A call on its way down through the layers, and its end on the way up. Each layer leaves a frame; an end unwinds them
 * from the innermost to the outermost, a cancellation from the outermost to the innermost. One object for all layers,
 * and a chain of small frames: an observable and a subscriber for each of them would cost more than all they do.
 */
export class Flow<T> {
  private readonly caller: Caller<T>;
  private innermost: Frame<T> | undefined = undefined;
  private isOver = false;

  /** @param caller is told once, and of nothing after it has left */
  constructor(caller: Caller<T>) {
    this.caller = caller;
  }

  /** Nobody waits for anything here any more. */
  get closed(): boolean {
    return this.isOver;
  }

  /** Leaves a frame. One that comes when all is over is told so at once. */
  onEnd(frame: Frame<T>): void {
    if (this.isOver) frame.ended(CANCELLED);
    else {
      frame.outer = this.innermost;
      this.innermost = frame;
    }
  }

  /** The call fails at the layer of this frame: what is below is cancelled. Nothing happens once it has been told. */
  failAt(frame: Frame<T>, error: unknown): void {
    let waiting = this.innermost;
    while (waiting !== undefined && waiting !== frame) waiting = waiting.outer;
    if (waiting === undefined) return;
    const bug = this.cancelBelow(frame);
    this.error(bug === undefined ? error : bug.error);
  }

  next(value: T): void {
    if (this.isOver) return;
    const end: End<T> = { kind: 'value', value };
    try {
      for (let frame = this.pop(); frame !== undefined; frame = this.pop()) frame.ended(end);
    } catch (bug) {
      return this.error(bug);
    }
    if (this.isOver) return;
    this.isOver = true;
    this.caller.next(value);
    this.caller.complete();
  }

  error(error: unknown): void {
    if (this.isOver) return;
    let end: End<T> & { kind: 'error' } = { kind: 'error', error };
    for (let frame = this.pop(); frame !== undefined; frame = this.pop()) {
      try {
        if (frame.ended(end) === 'goes on') return;
      } catch (bug) {
        // Our own, and what the frames above it hear of.
        end = { kind: 'error', error: bug };
      }
    }
    if (this.isOver) return;
    this.isOver = true;
    this.caller.error(end.error);
  }

  unsubscribe(): void {
    if (this.isOver) return;
    this.isOver = true;
    const bug = this.cancelBelow(undefined);
    if (bug !== undefined) throw bug.error;
  }

  private pop(): Frame<T> | undefined {
    const frame = this.innermost;
    if (frame === undefined) return undefined;
    this.innermost = frame.outer;
    // A connection holds on to the frame of the last call that was sent over it, and must not hold all the others.
    frame.outer = undefined;
    return frame;
  }

  /** @param frame stays, with what is above it. @returns the first bug of those who were told, after all of them */
  private cancelBelow(frame: Frame<T> | undefined): { readonly error: unknown } | undefined {
    let outermost: Frame<T> | undefined;
    while (this.innermost !== undefined && this.innermost !== frame) {
      const inner = this.innermost;
      this.innermost = inner.outer;
      inner.outer = outermost;
      outermost = inner;
    }
    let bug: { readonly error: unknown } | undefined;
    for (let next = outermost; next !== undefined; next = next.outer) {
      try {
        next.ended(CANCELLED);
      } catch (error) {
        bug ??= { error };
      }
    }
    return bug;
  }
}
