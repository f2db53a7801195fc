import { Observable, Subscriber, throwError } from 'rxjs';

/** How an observable of one value ended. */
export type End<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'cancel' };

/**
 * Told once how it ended below a layer, before the caller hears of it: to judge it, or to give something back. After
 * an error it may return what the call goes on with instead. Once told, its layer leaves the flow alone.
 */
export type Frame<T> = (end: End<T>) => Observable<T> | void;

/** Begins a layer: says what is below it, or, where that comes later, nothing. What it throws is the call's error. */
export type Begin<T> = (flow: Flow<T>) => Observable<T> | void;

/** What every layer of the pipeline is made of: a cold observable of one value. */
export const layer = <T>(begin: Begin<T>): Observable<T> => new Layer(begin);

const CANCELLED = { kind: 'cancel' } as const;

/**
 * A call on its way down through the layers, and its end on the way up: one subscriber for all of them, as an rxjs
 * subscriber a layer would cost more than what the layers do. Each layer leaves a frame; an end unwinds them from the
 * innermost to the outermost, a cancellation from the outermost to the innermost.
 */
export class Flow<T> extends Subscriber<T> {
  private readonly frames: Frame<T>[] = [];
  /** Errors so far: after one, what a layer above it still begins is of no interest any more. */
  private errors = 0;

  /** Leaves a frame. One that comes when all is over is told so at once. */
  onEnd(frame: Frame<T>): void {
    if (this.closed) frame(CANCELLED);
    else this.frames.push(frame);
  }

  /** Goes on with what is below: one layer after the other, and whatever other observable there is at the end. */
  follow(below: Observable<T>): void {
    const { errors } = this;
    let next: Observable<T> | void = below;
    while (next instanceof Layer) {
      try {
        next = (next as Layer<T>).begin(this);
      } catch (error) {
        return this.error(error);
      }
      if (this.closed || this.errors !== errors) return;
    }
    if (next !== undefined) this.join(next, same);
  }

  /** Goes on with an observable that is no layer, and makes its value into what the layers deal in. */
  join<S>(source: Observable<S>, read: (value: S) => T): void {
    const inlet = new Inlet(this, read);
    this.onEnd(() => inlet.unsubscribe());
    source.subscribe(inlet);
  }

  /** The call fails at the layer of this frame: what is below is cancelled. Nothing happens once it has been told. */
  failAt(frame: Frame<T>, error: unknown): void {
    const depth = this.frames.indexOf(frame);
    if (depth < 0) return;
    this.cancel(depth + 1);
    this.error(error);
  }

  override next(value: T): void {
    if (this.isStopped) return;
    const end: End<T> = { kind: 'value', value };
    try {
      for (let frame = this.frames.pop(); frame !== undefined; frame = this.frames.pop())
        frame(end);
    } catch (bug) {
      return this.error(bug);
    }
    this.deliver(value);
  }

  override error(error: unknown): void {
    if (this.isStopped) return;
    this.errors += 1;
    let end: End<T> & { kind: 'error' } = { kind: 'error', error };
    for (let frame = this.frames.pop(); frame !== undefined; frame = this.frames.pop()) {
      try {
        const instead = frame(end);
        if (instead !== undefined) return this.follow(instead);
      } catch (bug) {
        // Our own, and what the frames above it hear of.
        end = { kind: 'error', error: bug };
      }
    }
    this.fail(end.error);
  }

  /** Without a value: it has ended for nobody. */
  override complete(): void {
    if (this.isStopped) return;
    this.cancel(0);
    this.deliverNothing();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.cancel(0);
    super.unsubscribe();
  }

  protected deliver(value: T): void {
    super.next(value);
    super.complete();
  }

  protected fail(error: unknown): void {
    super.error(error);
  }

  protected deliverNothing(): void {
    super.complete();
  }

  private cancel(depth: number): void {
    if (this.frames.length > depth) for (const frame of this.frames.splice(depth)) frame(CANCELLED);
  }
}

class Layer<T> extends Observable<T> {
  readonly begin: Begin<T>;

  constructor(begin: Begin<T>) {
    super(startFlow);
    this.begin = begin;
  }
}

/** Somebody subscribed to a layer: a new flow begins with it. */
function startFlow<T>(this: Observable<T>, subscriber: Subscriber<T>): void {
  new Flow(subscriber).follow(this);
}

/** Where values of other observables come into a flow. */
class Inlet<S, T> extends Subscriber<S> {
  private flow: Flow<T> | undefined;
  private readonly read: (value: S) => T;

  constructor(flow: Flow<T>, read: (value: S) => T) {
    super();
    this.flow = flow;
    this.read = read;
  }

  /** Lets go of the flow: a connection holds on to the last one that was sent over it. */
  override unsubscribe(): void {
    this.flow = undefined;
    super.unsubscribe();
  }

  protected override _next(value: S): void {
    const { flow } = this;
    if (flow === undefined) return;
    let read: T;
    try {
      read = this.read(value);
    } catch (error) {
      return flow.error(error);
    }
    flow.next(read);
  }

  protected override _error(error: unknown): void {
    this.flow?.error(error);
  }

  protected override _complete(): void {
    this.flow?.complete();
  }
}

const same = <T>(value: T): T => value;

/** What cannot even begin has ended with an error like any other. */
export function attempted<T>(begin: () => Observable<T>): Observable<T> {
  try {
    return begin();
  } catch (error) {
    return throwError(() => error);
  }
}
