import { describe, expect, it } from '@jest/globals';
import { EMPTY, of, Subject, take, throwError, type Observable } from 'rxjs';
import { watch } from '../../test/support/outbound.ts';
import { layer, type End } from './flow.ts';

/** A layer that watches how it ends below it. */
const observeEnd = <T>(begin: () => Observable<T>, onEnd: (end: End<T>) => void): Observable<T> =>
  layer((flow) => {
    flow.onEnd((end) => void onEnd(end));
    return begin();
  });

function observed(source: Subject<string> = new Subject()) {
  const ends: End<string>[] = [];
  const observable = observeEnd(
    () => source,
    (end) => ends.push(end),
  );
  return { source, ends, observable };
}

describe('a layer that watches', () => {
  it('begins when somebody subscribes, not before', () => {
    let begun = 0;
    const observable = observeEnd(
      () => {
        begun += 1;
        return of('a');
      },
      () => undefined,
    );
    expect(begun).toBe(0);
    watch(observable);
    watch(observable);
    expect(begun).toBe(2);
  });

  it('tells of a value before the subscriber has it', () => {
    const order: string[] = [];
    observeEnd(
      () => of('a'),
      ({ kind }) => order.push(`end: ${kind}`),
    ).subscribe({ next: () => order.push('value'), complete: () => order.push('complete') });
    expect(order).toEqual(['end: value', 'value', 'complete']);
  });

  it('tells of an error before the subscriber has it', () => {
    const order: string[] = [];
    observeEnd(
      () => throwError(() => new Error('broken')),
      ({ kind }) => order.push(`end: ${kind}`),
    ).subscribe({ error: () => order.push('error') });
    expect(order).toEqual(['end: error', 'error']);
  });

  it('tells of a cancellation before the source is cancelled', () => {
    const { source, observable } = observed();
    const watched: boolean[] = [];
    const subscription = observeEnd(
      () => observable,
      () => watched.push(source.observed),
    ).subscribe();
    subscription.unsubscribe();
    expect(watched).toEqual([true]);
    expect(source.observed).toBe(false);
  });

  it('tells once, whatever follows', () => {
    const { source, ends, observable } = observed();
    const seen = watch(observable);
    source.next('a');
    source.complete();
    seen.unsubscribe();
    expect(ends).toEqual([{ kind: 'value', value: 'a' }]);
  });

  it('takes an end without a value for a cancellation', () => {
    const ends: End<never>[] = [];
    const seen = watch(
      observeEnd(
        () => EMPTY,
        (end) => ends.push(end),
      ),
    );
    expect(ends).toEqual([{ kind: 'cancel' }]);
    expect(seen.events).toEqual(['complete']);
  });

  it('takes a subscriber that had enough with its value for a value', () => {
    const { source, ends, observable } = observed();
    watch(observable.pipe(take(1)));
    source.next('a');
    expect(ends).toEqual([{ kind: 'value', value: 'a' }]);
    expect(source.observed).toBe(false);
  });
});
