import { Observable, throwError } from 'rxjs';

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
    let last: End<T> | undefined;
    let ended = false;
    const end = (how: End<T>): void => {
      if (ended) return;
      ended = true;
      onEnd(how);
    };
    subscriber.add(() => end(CANCELLED));
    subscriber.add(
      attempted(begin).subscribe({
        next: (value) => {
          last = { kind: 'value', value };
          end(last);
          subscriber.next(value);
        },
        error: (error: unknown) => {
          end({ kind: 'error', error });
          subscriber.error(error);
        },
        complete: () => {
          end(last ?? CANCELLED);
          subscriber.complete();
        },
      }),
    );
  });
}

/** What cannot even begin has ended with an error like any other. */
function attempted<T>(begin: () => Observable<T>): Observable<T> {
  try {
    return begin();
  } catch (error) {
    return throwError(() => error);
  }
}
