import { Subscription, throwIfEmpty, type Observable } from 'rxjs';
import { Frame, type End, type Flow } from '../../src/outbound/flow.ts';
import {
  compose,
  observe,
  type Fetched,
  type OutboundCall,
  type OutboundHandler,
  type OutboundInterceptor,
} from '../../src/outbound/outbound.interceptor.ts';

/** Layers as observables, which are easy to watch, over handlers made of observables, which are easy to play by hand. */

/** A call through one layer. */
export const through = <T>(
  interceptor: OutboundInterceptor,
  call: OutboundCall<T>,
  next: OutboundHandler,
): Observable<Fetched<T>> => observe(compose([interceptor], next), call);

/** The rest of a pipeline, as an observable a call. */
export const handlerOf = (
  below: <T>(call: OutboundCall<T>) => Observable<Fetched<T>>,
): OutboundHandler => ({ handle: (call, flow) => join(below(call), flow) });

/** What an observable has becomes the flow's; it is left when the flow has ended here. */
export function join<T>(source: Observable<T>, flow: Flow<T>): void {
  const joined = new Joined<T>();
  flow.onEnd(joined);
  const subscription = source.pipe(throwIfEmpty()).subscribe({
    next: (value) => flow.next(value),
    error: (error: unknown) => flow.error(error),
  });
  joined.subscription.add(subscription);
}

class Joined<T> extends Frame<T> {
  readonly subscription = new Subscription();

  ended(): void {
    this.subscription.unsubscribe();
  }
}

/** A frame that does as it is told. */
export class FrameOf<T> extends Frame<T> {
  private readonly told: (end: End<T>) => 'goes on' | void;

  constructor(told: (end: End<T>) => unknown) {
    super();
    this.told = (end) => (told(end) === 'goes on' ? 'goes on' : undefined);
  }

  ended(end: End<T>): 'goes on' | void {
    return this.told(end);
  }
}
