import { Observable, Subscriber, throwError } from 'rxjs';

/** How an observable of one value ended. */
export type End<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'cancel' };

const CANCELLED = { kind: 'cancel' } as const;

/**
 * Subscribes to what `begin` returns, passes everything on, and tells `onEnd` exactly once how it ended: what every
 * layer is made of that must judge an outcome or give something back. `onEnd` runs before the caller hears of the end.
 */
export function observeEnd<T>(
  begin: () => Observable<T>,
  onEnd: (end: End<T>) => void,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    attempted(begin).subscribe(new EndSubscriber(subscriber, onEnd));
  });
}

/** A subscriber of its own instead of an observer: rxjs would wrap that in two more objects for every call. */
class EndSubscriber<T> extends Subscriber<T> {
  private onEnd: ((end: End<T>) => void) | undefined;

  constructor(downstream: Subscriber<T>, onEnd: (end: End<T>) => void) {
    super(downstream);
    this.onEnd = onEnd;
    // Nobody waits any more: it was over before it began.
    if (this.closed) this.end(CANCELLED);
  }

  override unsubscribe(): void {
    this.end(CANCELLED);
    super.unsubscribe();
  }

  protected override _next(value: T): void {
    this.end({ kind: 'value', value });
    super._next(value);
  }

  protected override _error(error: unknown): void {
    this.end({ kind: 'error', error });
    super._error(error);
  }

  protected override _complete(): void {
    this.end(CANCELLED);
    super._complete();
  }

  private end(how: End<T>): void {
    const { onEnd } = this;
    this.onEnd = undefined;
    onEnd?.(how);
  }
}

/** What cannot even begin has ended with an error like any other. */
export function attempted<T>(begin: () => Observable<T>): Observable<T> {
  try {
    return begin();
  } catch (error) {
    return throwError(() => error);
  }
}
