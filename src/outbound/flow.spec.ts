import { describe, expect, it } from '@jest/globals';
import { NEVER, Observable, of, Subject, take, throwError } from 'rxjs';
import { FrameOf, join } from '../../test/support/layered.ts';
import { watch } from '../../test/support/outbound.ts';
import { Flow, type End } from './flow.ts';

type Told = (end: End<string>, flow: Flow<string>) => unknown;

const failure = new Error('failed');

/** A flow with a frame for each of `told`, the outermost first, over a source. */
const flowing = (source: Observable<string>, ...told: Told[]): Observable<string> =>
  new Observable((subscriber) => {
    const flow = new Flow<string>(subscriber);
    for (const tell of told) flow.onEnd(new FrameOf((end) => tell(end, flow)));
    join(source, flow);
    return flow;
  });

describe('a frame', () => {
  function observed(source: Subject<string> = new Subject()) {
    const ends: End<string>[] = [];
    return { source, ends, observable: flowing(source, (end) => ends.push(end)) };
  }

  it('is told of a value before the caller has it', () => {
    const order: string[] = [];
    flowing(of('a'), ({ kind }) => order.push(`end: ${kind}`)).subscribe({
      next: () => order.push('value'),
      complete: () => order.push('complete'),
    });
    expect(order).toEqual(['end: value', 'value', 'complete']);
  });

  it('is told of an error before the caller has it', () => {
    const order: string[] = [];
    flowing(
      throwError(() => failure),
      ({ kind }) => order.push(`end: ${kind}`),
    ).subscribe({ error: () => order.push('error') });
    expect(order).toEqual(['end: error', 'error']);
  });

  it('is told of a cancellation before the source is cancelled', () => {
    const source = new Subject<string>();
    const watched: boolean[] = [];
    const seen = watch(flowing(source, () => watched.push(source.observed)));
    seen.unsubscribe();
    expect(watched).toEqual([true]);
    expect(source.observed).toBe(false);
  });

  it('is told once, whatever follows', () => {
    const { source, ends, observable } = observed();
    const seen = watch(observable);
    source.next('a');
    source.complete();
    seen.unsubscribe();
    expect(ends).toEqual([{ kind: 'value', value: 'a' }]);
  });

  it('takes a caller that had enough with its value for a value', () => {
    const { source, ends, observable } = observed();
    watch(observable.pipe(take(1)));
    source.next('a');
    expect(ends).toEqual([{ kind: 'value', value: 'a' }]);
    expect(source.observed).toBe(false);
  });

  it('that comes too late is told at once that nobody waits any more', () => {
    const flow = new Flow<string>({ next() {}, error() {}, complete() {} });
    flow.unsubscribe();
    const told: string[] = [];
    flow.onEnd(new FrameOf(({ kind }) => told.push(kind)));
    expect(told).toEqual(['cancel']);
    expect(flow.closed).toBe(true);
  });
});

describe('a flow of several frames', () => {
  /** Frames a, b and c, the outermost first, over a source; `log` has what each was told. */
  function stack(source: Observable<string>, special: Partial<Record<string, Told>> = {}) {
    const log: string[] = [];
    const told = ['a', 'b', 'c'].map<Told>((name) => (end, flow) => {
      log.push(`${name}: ${end.kind}`);
      return special[name]?.(end, flow);
    });
    return { log, seen: watch(flowing(source, ...told)) };
  }

  const insteadOfAnError =
    (source: Observable<string>): Told =>
    ({ kind }, flow) => {
      if (kind !== 'error') return undefined;
      join(source, flow);
      return 'goes on';
    };

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

  it('goes on with what a frame has instead of an error; those further out hear nothing of it', () => {
    const instead = new Subject<string>();
    const { log, seen } = stack(
      throwError(() => failure),
      { b: insteadOfAnError(instead) },
    );
    expect(log).toEqual(['c: error', 'b: error']);
    expect(seen.events).toEqual([]);
    instead.next('another');
    expect(log.slice(2)).toEqual(['a: value']);
    expect(seen.values).toEqual(['another']);
  });

  it('goes on with what fails at once, too', () => {
    const another = new Error('another');
    const { log, seen } = stack(
      throwError(() => failure),
      { b: insteadOfAnError(throwError(() => another)) },
    );
    expect(log).toEqual(['c: error', 'b: error', 'a: error']);
    expect(seen.errors).toEqual([another]);
  });

  it('closes a source that was given up for another one', () => {
    const first = new Subject<string>();
    const second = new Subject<string>();
    const { seen } = stack(first, { c: insteadOfAnError(second) });
    first.error(failure);
    first.next('late');
    expect(seen.events).toEqual([]);
    second.next('it');
    expect(seen.values).toEqual(['it']);
  });

  it('fails at the frame that says so: what is below is cancelled, what is above hears the error', () => {
    const source = new Subject<string>();
    const log: string[] = [];
    const seen = watch(
      new Observable<string>((subscriber) => {
        const flow = new Flow<string>(subscriber);
        const [above, middle, below] = ['above', 'middle', 'below'].map(
          (name) => new FrameOf<string>(({ kind }) => log.push(`${name}: ${kind}`)),
        ) as [FrameOf<string>, FrameOf<string>, FrameOf<string>];
        for (const frame of [above, middle, below]) flow.onEnd(frame);
        join(source, flow);
        flow.failAt(middle, failure);
        flow.failAt(middle, new Error('again'));
        return flow;
      }),
    );
    expect(log).toEqual(['below: cancel', 'middle: error', 'above: error']);
    expect(source.observed).toBe(false);
    expect(seen.errors).toEqual([failure]);
  });

  it.each<[string, Observable<string>]>([
    ['a value', of('it')],
    ['an error', throwError(() => failure)],
  ])('a bug of one frame at %s costs no other one its word', (_name, source) => {
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

  it.each<[string, Observable<string>]>([
    ['value', of('it')],
    ['error', throwError(() => failure)],
  ])('tells nobody anything after a frame has left for the caller at its %s', (kind, source) => {
    const told: string[] = [];
    const flow = new Flow<string>({
      next: () => told.push('value'),
      error: () => told.push('error'),
      complete: () => told.push('complete'),
    });
    flow.onEnd(new FrameOf((end) => told.push(`a: ${end.kind}`)));
    flow.onEnd(new FrameOf(() => flow.unsubscribe()));
    flow.onEnd(new FrameOf((end) => told.push(`c: ${end.kind}`)));
    join(source, flow);
    expect(told).toEqual([`c: ${kind}`, 'a: cancel']);
  });

  it('does not fail at a frame that has been told: what goes on instead is not disturbed', () => {
    const told: string[] = [];
    const flow = new Flow<string>({ next() {}, error() {}, complete() {} });
    const gone = new FrameOf<string>(() => 'goes on');
    flow.onEnd(new FrameOf(({ kind }) => told.push(kind)));
    flow.onEnd(gone);
    flow.error(failure);
    flow.failAt(gone, new Error('late'));
    expect(told).toEqual([]);
    expect(flow.closed).toBe(false);
  });

  it.each(['next', 'error'] as const)('holds nothing of a frame that was told of its %s', (how) => {
    const flow = new Flow<string>({ next() {}, error() {}, complete() {} });
    const frames = ['a', 'b', 'c'].map(() => new FrameOf<string>(() => undefined));
    for (const frame of frames) flow.onEnd(frame);
    flow[how]('it');
    expect(frames.map(({ outer }) => outer)).toEqual([undefined, undefined, undefined]);
  });

  it('holds its frames open for as long as nothing ends', () => {
    const { log, seen } = stack(NEVER);
    expect(log).toEqual([]);
    expect(seen.events).toEqual([]);
  });
});
