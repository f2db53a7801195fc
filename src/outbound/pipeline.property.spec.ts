import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FakeExchange } from '../../test/support/fake-transport.ts';
import { sourceUnderTest } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SourceStatusError, StaleSocketError, UnreachableError } from '../errors/errors.ts';

type Step = readonly ['ask' | 'answer' | 'fail' | 'cancel' | 'free' | 'advance' | 'stall', number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...(['ask', 'ask', 'ask', 'answer', 'fail', 'cancel', 'free', 'advance', 'stall'] as const),
    ),
    fc.nat(200),
  ),
  { maxLength: 60 },
);

describe('the pipeline, whatever happens in whatever order', () => {
  it('stays within the limit, tells everybody once, and has nothing left in the end', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const knobs = { MAX_CONCURRENT: '3', MAX_QUEUE: '4', BREAKER_MIN_CALLS: '3' };
        const clock = new VirtualClock();
        const { transport, bulkhead, runtime, ask } = sourceUnderTest(clock, knobs);
        const asked: ReturnType<typeof ask>[] = [];
        const left = new Set<unknown>();
        const leave = (one: (typeof asked)[number] | undefined): void => {
          one?.unsubscribe();
          left.add(one);
        };
        let mostOnTheWire = 0;
        for (const [step, number] of script) {
          const exchange = transport.sent[number % transport.sent.length];
          if (step === 'ask') asked.push(ask({ totalMs: 30 + number }));
          else if (step === 'advance') clock.advance(number);
          else if (step === 'stall') clock.stall(number);
          else if (step === 'cancel') leave(asked[number % asked.length]);
          else if (step === 'free' && exchange?.open === false) exchange.free();
          else if (step === 'answer' && exchange?.open === true) exchange.answer();
          else if (step === 'fail' && exchange?.open === true)
            exchange.fail(new SourceStatusError(500));
          const onWire = transport.sent.filter((sent) => sent.onWire).length;
          mostOnTheWire = Math.max(mostOnTheWire, onWire);
        }
        clock.advance(1_000);
        for (const exchange of transport.sent) exchange.free();
        for (const { end } of asked) end();
        const open = transport.sent.filter((exchange) => exchange.open);
        const wronglyTold = asked.filter(
          (one) => toldTo(one) !== 1 && !(left.has(one) && toldTo(one) === 0),
        );
        expect({ open, wronglyTold }).toEqual({ open: [], wronglyTold: [] });
        expect(mostOnTheWire).toBeLessThanOrEqual(3);
        expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
        expect(clock.pending).toBe(0);
        void runtime.close();
      }),
      { numRuns: 300 },
    );
  });
});

const EVERYTHING = {
  URL: 'http://a:80,http://b:80',
  HEDGE: 'on',
  COALESCE: 'on',
  MAX_CONCURRENT: '8',
  MAX_QUEUE: '4',
  BREAKER_MIN_CALLS: '8',
};

const FAILURES = [
  () => new SourceStatusError(503),
  () => new SourceStatusError(503, 40),
  () => new SourceStatusError(500),
  () => new SourceStatusError(404),
  () => new UnreachableError(),
];

/** A source that is known to answer in 10 ms, so that hedges are due soon, with so many tokens in its budget. */
function knownSource(retries: number, tokens: number) {
  const clock = new VirtualClock();
  const source = sourceUnderTest(clock, { ...EVERYTHING, RETRIES: `${retries}` });
  for (let answer = 0; answer < 60; answer += 1) {
    const { end } = source.ask();
    clock.advance(10);
    source.transport.exchange(answer).answer();
    end();
  }
  source.transport.sent.length = 0;
  while (source.budget.balance > tokens) source.budget.withdraw('retry');
  return { clock, ...source };
}

class Run {
  readonly source: ReturnType<typeof knownSource>;
  readonly asked: ReturnType<Run['source']['ask']>[] = [];
  /** Those who hung up. */
  private readonly left = new Set<ReturnType<Run['source']['ask']>>();
  mostOnTheWire = 0;
  private readonly tokens: number;

  constructor(retries: number, tokens: number) {
    this.source = knownSource(retries, tokens);
    this.tokens = this.source.budget.balance;
  }

  step([step, number]: EventfulStep): void {
    const { clock, transport, ask } = this.source;
    const exchange = transport.sent[number % transport.sent.length];
    if (step === 'ask') {
      // Half of them are the same question, and some have little time.
      const path = `/things/${Math.max(0, (number % 8) - 4)}`;
      this.asked.push(ask({ path, totalMs: 30 + (number % 150) * 8 }));
    } else if (step === 'advance') clock.advance(number);
    else if (step === 'stall') clock.stall(number);
    else if (step === 'cancel') this.leave(this.asked[number % this.asked.length]);
    else if (exchange !== undefined) this.exchange(step, exchange, number);
    const onWire = transport.sent.filter((sent) => sent.onWire).length;
    this.mostOnTheWire = Math.max(this.mostOnTheWire, onWire);
  }

  private leave(caller: ReturnType<Run['source']['ask']> | undefined): void {
    if (caller === undefined) return;
    caller.unsubscribe();
    this.left.add(caller);
  }

  private exchange(
    step: 'answer' | 'fail' | 'stale' | 'free',
    exchange: FakeExchange,
    number: number,
  ): void {
    if (step === 'free') return exchange.open ? undefined : exchange.free();
    if (!exchange.open) return;
    const failure = FAILURES[number % FAILURES.length]?.();
    if (step === 'answer') exchange.answer();
    else if (step === 'fail' && number % 2 === 0) exchange.fail(failure);
    else if (step === 'fail') exchange.failBusy(failure);
    else if (!exchange.request.onNewConnection) exchange.fail(new StaleSocketError());
  }

  /** Everybody hangs up, every socket is done. */
  end(): void {
    const { clock, transport } = this.source;
    clock.advance(3_000);
    for (const exchange of transport.sent) exchange.free();
    for (const { end } of this.asked) end();
  }

  /** What is wrong, in words. */
  problems(): string[] {
    const { clock, transport, bulkhead, balancer } = this.source;
    const trails = new Set(this.asked.map(({ call }) => call.context.trail));
    const attempts = [...trails].flatMap((trail) => trail.attempts);
    const first = attempts.filter(({ kind }) => kind === 'first').length;
    const stale = transport.sent.filter(({ request }) => request.onNewConnection).length;
    const extra = attempts.length - first - stale;
    const hedges = attempts.filter(({ kind }) => kind === 'hedge').length;
    const rules: Record<string, boolean> = {
      'never more at the source than the limit': this.mostOnTheWire <= 8,
      'everything sent is on record': attempts.length === transport.sent.length,
      'everything on record has ended': attempts.every(({ outcome }) => outcome !== undefined),
      'nothing is open': transport.sent.every(({ open }) => !open),
      'nobody is told twice': this.asked.every((one) => toldTo(one) <= 1),
      'everybody is told who has not left': this.asked.every(
        (one) => toldTo(one) === 1 || this.left.has(one),
      ),
      'extra attempts are within the budget': extra <= this.tokens + first / 10,
      'hedges are within theirs': hedges <= (60 + first) / 20,
      'no permit is out': bulkhead.inFlight === 0 && bulkhead.queued === 0,
      'no instance is busy': balancer.list.every(({ inFlight }) => inFlight === 0),
      'no timer is left': clock.pending === 0,
    };
    return Object.keys(rules).filter((rule) => rules[rule] !== true);
  }
}

const toldTo = ({ values, errors }: ReturnType<Run['source']['ask']>): number =>
  values.length + errors.length;

type EventfulStep = readonly [
  'ask' | 'answer' | 'fail' | 'stale' | 'cancel' | 'free' | 'advance' | 'stall',
  number,
];

const eventful: fc.Arbitrary<EventfulStep[]> = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...(['ask', 'ask', 'ask', 'advance', 'advance', 'answer', 'fail'] as const),
      ...(['fail', 'stale', 'cancel', 'free', 'free', 'stall'] as const),
    ),
    fc.nat(200),
  ),
  { maxLength: 120 },
);

describe('the pipeline with retries, hedges and shared calls', () => {
  it('keeps its limit, its budget and its word, and has nothing left in the end', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), eventful, (retries, tokens, script) => {
        const run = new Run(retries, tokens);
        for (const step of script) run.step(step);
        run.end();
        expect(run.problems()).toEqual([]);
        void run.source.runtime.close();
      }),
      { numRuns: 300 },
    );
  });
});
