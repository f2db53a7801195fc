import { EmptyError, Observable, Subscriber } from 'rxjs';

/**
 * The first value of what `begin` returns, made into something, and then the end: what hangs after its value, ends
 * without one, or cannot even begin must not silence the other legs of a `forkJoin`.
 *
 * The same as `defer`, `take(1)`, `throwIfEmpty` and `map` in a row, as one subscriber instead of four.
 */
export function firstAs<T, R>(begin: () => Observable<T>, make: (value: T) => R): Observable<R> {
  return new Observable<R>((subscriber) => {
    begin().subscribe(new FirstSubscriber(subscriber, make));
  });
}

class FirstSubscriber<T, R> extends Subscriber<T> {
  private readonly downstream: Subscriber<R>;
  private readonly make: (value: T) => R;
  private isMade = false;

  constructor(downstream: Subscriber<R>, make: (value: T) => R) {
    super(downstream);
    this.downstream = downstream;
    this.make = make;
  }

  protected override _next(value: T): void {
    let made: R;
    try {
      made = this.make(value);
    } catch (error) {
      return this.error(error);
    }
    this.isMade = true;
    this.downstream.next(made);
    this.complete();
  }

  protected override _complete(): void {
    if (this.isMade) super._complete();
    else super._error(new EmptyError());
  }
}
