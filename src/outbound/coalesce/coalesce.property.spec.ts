import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Observable, type Subscriber } from 'rxjs';
import { handlerOf } from '../../../test/support/layered.ts';
import { codesOf, outboundCall, watch, type TestCall } from '../../../test/support/outbound.ts';
import { whenExpired } from '../../../test/support/when-expired.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { AttemptTimeoutError, SourceStatusError } from '../../errors/errors.ts';
import { CoalesceInterceptor } from '../interceptors/call/coalesce.interceptor.ts';
import { DeadlineInterceptor } from '../interceptors/call/deadline.interceptor.ts';
import { compose, observe, type Fetched, type OutboundCall } from '../outbound.interceptor.ts';

/** The coalescer with the deadlines around and below it, against a model that is simple enough to be believed. */

type Step =
  | { readonly kind: 'join'; readonly key: number; readonly totalMs: number }
  | { readonly kind: 'leave' | 'land' | 'fail'; readonly which: number }
  | { readonly kind: 'advance'; readonly ms: number };

const of = <K extends string>(kind: K) => fc.constant(kind);
const which = fc.nat(50);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      // Some deadlines are equal on purpose.
      arbitrary: fc.record({
        kind: of('join' as const),
        key: fc.nat(2),
        totalMs: fc.integer({ min: 3, max: 30 }).map((tens) => tens * 10),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: of('leave' as const), which }) },
    { weight: 1, arbitrary: fc.record({ kind: of('land' as const), which }) },
    { weight: 1, arbitrary: fc.record({ kind: of('fail' as const), which }) },
    { weight: 4, arbitrary: fc.record({ kind: of('advance' as const), ms: fc.nat(80) }) },
  ),
  { maxLength: 80 },
);

/** What a caller was told, in the model and in reality. */
type Word = 'nothing' | 'value' | 'server_error' | 'attempt_timeout' | 'deadline_exceeded';

interface ModelCaller {
  readonly answerAt: number;
  readonly flight: ModelFlight;
  told: Word;
}

interface ModelFlight {
  readonly tookOffAt: number;
  boardsUntil: number;
  /** In order of boarding. */
  onBoard: ModelCaller[];
  end: 'flying' | 'over' | 'aborted';
}

class Model {
  now = 0;
  readonly callers: ModelCaller[] = [];
  readonly flights: ModelFlight[] = [];
  private readonly newest = new Map<number, ModelFlight>();

  join(key: number, totalMs: number): void {
    const answerAt = this.now + totalMs;
    let flight = this.newest.get(key);
    if (flight?.end !== 'flying' || this.now >= flight.boardsUntil) {
      flight = { tookOffAt: this.now, boardsUntil: answerAt, onBoard: [], end: 'flying' };
      this.flights.push(flight);
      this.newest.set(key, flight);
    }
    flight.boardsUntil = Math.max(flight.boardsUntil, flight.tookOffAt + totalMs);
    const caller: ModelCaller = { answerAt, flight, told: 'nothing' };
    flight.onBoard.push(caller);
    this.callers.push(caller);
  }

  leave(caller: ModelCaller): void {
    const { flight } = caller;
    if (!flight.onBoard.includes(caller)) return;
    flight.onBoard = flight.onBoard.filter((other) => other !== caller);
    if (flight.onBoard.length === 0) flight.end = 'aborted';
  }

  finish(flight: ModelFlight, word: Word): void {
    if (flight.end !== 'flying') return;
    for (const caller of flight.onBoard) caller.told = word;
    flight.onBoard = [];
    flight.end = 'over';
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (let at = this.nextDeadline(); at <= until; at = this.nextDeadline())
      for (const flight of this.flights) this.expire(flight, at);
    this.now = until;
  }

  /** Who has longest ends the flight for all who have as long; everybody else is alone with it. */
  private expire(flight: ModelFlight, at: number): void {
    const longest = Math.max(...flight.onBoard.map(({ answerAt }) => answerAt));
    if (longest === at) return this.finish(flight, 'attempt_timeout');
    for (const caller of flight.onBoard)
      if (caller.answerAt === at) {
        caller.told = 'deadline_exceeded';
        this.leave(caller);
      }
  }

  private nextDeadline(): number {
    const flying = this.flights.flatMap(({ onBoard }) => onBoard);
    return Math.min(Infinity, ...flying.map(({ answerAt }) => answerAt));
  }
}

/** A call below the coalescer: ended by the test, or by its deadline as an attempt is. */
class Below {
  end: 'flying' | 'over' | 'aborted' = 'flying';
  private readonly subscriber: Subscriber<Fetched<unknown>>;

  constructor(subscriber: Subscriber<Fetched<unknown>>, { context }: OutboundCall<unknown>) {
    this.subscriber = subscriber;
    subscriber.add(
      whenExpired(context.deadline, () => this.fail(new AttemptTimeoutError(1, true))),
    );
    subscriber.add(() => {
      if (this.end === 'flying') this.end = 'aborted';
    });
  }

  land(): void {
    if (this.end === 'flying') this.end = 'over';
    this.subscriber.next({ value: 'it' });
    this.subscriber.complete();
  }

  fail(error: Error): void {
    if (this.end === 'flying') this.end = 'over';
    this.subscriber.error(error);
  }
}

class Reality {
  readonly clock = new VirtualClock();
  readonly below: Below[] = [];
  readonly callers: { readonly call: TestCall; readonly seen: ReturnType<typeof watch> }[] = [];
  private readonly handler = compose(
    [new DeadlineInterceptor(), new CoalesceInterceptor()],
    handlerOf(
      <T>(call: OutboundCall<T>) =>
        new Observable<Fetched<T>>((subscriber) => {
          this.below.push(new Below(subscriber as Subscriber<Fetched<unknown>>, call));
        }),
    ),
  );

  join(key: number, totalMs: number): void {
    const call = outboundCall(this.clock, { path: `/${key}`, totalMs, reserveMs: 0 });
    this.callers.push({ call, seen: watch(observe(this.handler, call)) });
  }

  get told(): unknown[] {
    return this.callers.map(({ seen: { values, errors } }) => {
      const words = [...values.map(() => 'value'), ...codesOf(errors)];
      return words.length === 0 ? 'nothing' : words.join(' and ');
    });
  }
}

function play(script: readonly Step[]): { model: Model; reality: Reality } {
  const [model, reality] = [new Model(), new Reality()];
  for (const step of script) {
    if (step.kind === 'join') {
      model.join(step.key, step.totalMs);
      reality.join(step.key, step.totalMs);
    } else if (step.kind === 'advance') {
      model.advance(step.ms);
      reality.clock.advance(step.ms);
    } else if (step.kind === 'leave') {
      const caller = model.callers[step.which % model.callers.length];
      if (caller !== undefined) model.leave(caller);
      reality.callers[step.which % reality.callers.length]?.seen.unsubscribe();
    } else {
      const flight = model.flights[step.which % model.flights.length];
      if (flight?.end !== 'flying') continue;
      const lands = step.kind === 'land';
      model.finish(flight, lands ? 'value' : 'server_error');
      const below = reality.below[model.flights.indexOf(flight)];
      if (lands) below?.land();
      else below?.fail(new SourceStatusError(500));
    }
    expect(reality.told).toEqual(model.callers.map(({ told }) => told));
    expect(reality.below.map(({ end }) => end)).toEqual(model.flights.map(({ end }) => end));
  }
  return { model, reality };
}

describe('the coalescer, whoever joins and leaves whenever', () => {
  it('tells everybody once or lets them go, flies once a key, aborts for the last one, and leaves no timer', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { reality } = play(script);
        for (const { seen, call } of reality.callers) {
          seen.unsubscribe();
          call.dispose();
        }
        expect(reality.below.filter(({ end }) => end === 'flying')).toEqual([]);
        expect(reality.clock.pending).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
