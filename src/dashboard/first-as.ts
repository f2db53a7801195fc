import { EmptyError, Observable, Subscriber } from 'rxjs';

/** Something to ask, and what is made of the answer. */
export interface Question<T, R> {
  ask(): Observable<T>;
  make(value: T): R;
}

/**
 * The first value of what is asked, made into something, and then the end: what hangs after its value, ends without
 * one, or cannot even begin must not silence the other legs of a `forkJoin`.
 *
 * The same as `defer`, `take(1)`, `throwIfEmpty` and `map` in a row, as one subscriber instead of four.
 */
export const firstAs = <T, R>(question: Question<T, R>): Observable<R> => new FirstAs(question);

class FirstAs<T, R> extends Observable<R> {
  readonly question: Question<T, R>;

  constructor(question: Question<T, R>) {
    super(begin);
    this.question = question;
  }
}

/** One function for all of them, where a closure each would do. */
function begin<R>(this: Observable<R>, subscriber: Subscriber<R>): void {
  // Nobody else is made with it.
  const { question } = this as FirstAs<unknown, R>;
  question.ask().subscribe(new FirstSubscriber(subscriber, question));
}

class FirstSubscriber<T, R> extends Subscriber<T> {
  private readonly downstream: Subscriber<R>;
  private readonly question: Question<T, R>;
  private isMade = false;

  constructor(downstream: Subscriber<R>, question: Question<T, R>) {
    super(downstream);
    this.downstream = downstream;
    this.question = question;
  }

  protected override _next(value: T): void {
    let made: R;
    try {
      made = this.question.make(value);
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
