import { describe, expect, it } from '@jest/globals';
import { EmptyError, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { firstAs } from './first-as.ts';

function watched<T>(ask: () => Observable<number>, make: (value: number) => T) {
  const events: unknown[] = [];
  const subscription = firstAs({ ask, make }).subscribe({
    next: (value) => events.push(value),
    error: (error: unknown) => events.push(error),
    complete: () => events.push('complete'),
  });
  return { events, subscription };
}

const doubled = (value: number): number => value * 2;

describe('firstAs', () => {
  it('makes something of the first value, and ends', () => {
    expect(watched(() => of(1, 2, 3), doubled).events).toEqual([2, 'complete']);
  });

  it('does not wait for what hangs after its value, and lets go of it', () => {
    const source = new Subject<number>();
    const { events } = watched(() => source, doubled);
    source.next(1);
    expect(events).toEqual([2, 'complete']);
    expect(source.observed).toBe(false);
  });

  it('fails when there is no value', () => {
    expect(watched(() => of(), doubled).events).toEqual([new EmptyError()]);
  });

  it('passes an error on', () => {
    const error = new Error('no');
    expect(watched(() => throwError(() => error), doubled).events).toEqual([error]);
  });

  it('fails when it cannot begin, and when nothing can be made', () => {
    const error = new Error('a bug');
    const fail = (): never => {
      throw error;
    };
    expect(watched(fail, doubled).events).toEqual([error]);
    expect(watched(() => of(1), fail).events).toEqual([error]);
  });

  it('begins on subscription, and cancels on unsubscription', () => {
    let state = 'not begun';
    const source = new Observable<number>(() => {
      state = 'begun';
      return () => (state = 'cancelled');
    });
    const first = firstAs({ ask: () => source, make: doubled });
    expect(state).toBe('not begun');
    first.subscribe().unsubscribe();
    expect(state).toBe('cancelled');
    expect(watched(() => NEVER, doubled).events).toEqual([]);
  });
});
