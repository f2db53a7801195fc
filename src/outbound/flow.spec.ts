import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, of, Subject, take, throwError, type Observable } from 'rxjs';
import { watch } from '../../test/support/outbound.ts';
import { layer, type End, type Flow, type Frame } from './flow.ts';

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

describe('a stack of layers', () => {
  const failure = new Error('failed');

  /** Three layers, the outermost first, over a source; `log` has what each was told. */
  function stack(source: Observable<string>, frames: Partial<Record<string, Frame<string>>> = {}) {
    const log: string[] = [];
    const flows: Flow<string>[] = [];
    const over = ['c', 'b', 'a'].reduce<Observable<string>>(
      (below, name) =>
        layer((flow) => {
          flows.push(flow);
          flow.onEnd((end) => {
            log.push(`${name}: ${end.kind}`);
            return frames[name]?.(end);
          });
          return below;
        }),
      source,
    );
    return { log, flows, seen: watch(over) };
  }

  it('is one flow, whatever the number of layers', () => {
    const { flows } = stack(NEVER);
    expect(new Set(flows).size).toBe(1);
  });

  it.each<[string, Observable<string>]>([
    ['value', of('it')],
    ['error', throwError(() => failure)],
  ])('tells of a %s from the innermost to the outermost', (kind, source) => {
    const { log, seen } = stack(source);
    expect(log).toEqual([`c: ${kind}`, `b: ${kind}`, `a: ${kind}`]);
    expect(seen.events).toEqual(kind === 'value' ? ['value', 'complete'] : ['error']);
  });

  it('tells of a cancellation from the outermost to the innermost, and then closes the source', () => {
    const source = new Subject<string>();
    const { log, seen } = stack(source);
    expect(source.observed).toBe(true);
    seen.unsubscribe();
    expect(log).toEqual(['a: cancel', 'b: cancel', 'c: cancel']);
    expect(source.observed).toBe(false);
  });

  it('goes on with what a layer has instead of an error; the layers above hear nothing of it', () => {
    const instead = new Subject<string>();
    const { log, seen } = stack(
      throwError(() => failure),
      { b: ({ kind }) => (kind === 'error' ? instead : undefined) },
    );
    expect(log).toEqual(['c: error', 'b: error']);
    expect(seen.events).toEqual([]);
    instead.next('another');
    expect(log.slice(2)).toEqual(['a: value']);
    expect(seen.values).toEqual(['another']);
  });

  it('closes a source that a layer has given up for another one', () => {
    const first = new Subject<string>();
    const second = new Subject<string>();
    const { seen } = stack(first, { c: ({ kind }) => (kind === 'error' ? second : undefined) });
    first.error(failure);
    first.next('late');
    expect(seen.events).toEqual([]);
    second.next('it');
    expect(seen.values).toEqual(['it']);
  });

  it('fails at the layer that says so: what is below is cancelled, what is above hears the error', () => {
    const source = new Subject<string>();
    const log: string[] = [];
    let flow: Flow<string> | undefined;
    const frame: Frame<string> = ({ kind }) => void log.push(`middle: ${kind}`);
    const middle = layer<string>((its) => {
      flow = its;
      its.onEnd(frame);
      return observeEnd(
        () => source,
        ({ kind }) => log.push(`below: ${kind}`),
      );
    });
    const seen = watch(
      observeEnd(
        () => middle,
        ({ kind }) => log.push(`above: ${kind}`),
      ),
    );
    flow?.failAt(frame, failure);
    expect(log).toEqual(['below: cancel', 'middle: error', 'above: error']);
    expect(source.observed).toBe(false);
    flow?.failAt(frame, new Error('again'));
    expect(seen.errors).toEqual([failure]);
  });

  it('takes what a layer throws on its way down for the error of the call', () => {
    const log: string[] = [];
    const seen = watch(
      observeEnd(
        () =>
          layer<string>(() => {
            throw failure;
          }),
        ({ kind }) => log.push(kind),
      ),
    );
    expect(log).toEqual(['error']);
    expect(seen.errors).toEqual([failure]);
  });

  it('does not go on with what a layer still begins after its call went another way', () => {
    let begun = 0;
    const below = layer<string>(() => {
      begun += 1;
      return NEVER;
    });
    const seen = watch(
      layer<string>((flow) => {
        flow.onEnd((end) => (end.kind === 'error' ? of('instead') : undefined));
        flow.error(failure);
        return below;
      }),
    );
    expect(begun).toBe(0);
    expect(seen.values).toEqual(['instead']);
  });

  it.each<[string, Observable<string>]>([
    ['a value', of('it')],
    ['an error', throwError(() => failure)],
  ])('a bug of one layer at %s costs no other one its frame', (_name, source) => {
    const bug = new Error('a bug');
    const { log, seen } = stack(source, {
      b: () => {
        throw bug;
      },
    });
    expect(log.at(-1)).toBe('a: error');
    expect(log).toHaveLength(3);
    expect(seen.errors).toEqual([bug]);
  });

  it('says at once to a frame that comes too late that nobody waits any more', () => {
    const { flows, seen } = stack(NEVER);
    seen.unsubscribe();
    const told: string[] = [];
    flows[0]?.onEnd(({ kind }) => void told.push(kind));
    expect(told).toEqual(['cancel']);
  });
});
