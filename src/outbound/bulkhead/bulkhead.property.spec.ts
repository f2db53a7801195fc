import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { CircuitOpenError } from '../../errors/errors.ts';
import { Bulkhead, type BulkheadOptions, type Place } from './bulkhead.ts';

type Step =
  | { readonly kind: 'enter'; readonly leftMs: number; readonly failsAtOnce: boolean }
  | { readonly kind: 'leave'; readonly which: number }
  | { readonly kind: 'advance' | 'stall'; readonly ms: number }
  | { readonly kind: 'flush' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: enterStep() },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave'), which: fc.nat(20) }) },
    { weight: 2, arbitrary: timeStep('advance') },
    { weight: 1, arbitrary: timeStep('stall') },
    { weight: 1, arbitrary: fc.constant({ kind: 'flush' as const }) },
  ) as fc.Arbitrary<Step>,
  { maxLength: 60 },
);

function enterStep() {
  return fc.record({
    kind: fc.constant('enter' as const),
    leftMs: fc.integer({ min: -5, max: 60 }),
    failsAtOnce: fc.boolean(),
  });
}

function timeStep<K extends 'advance' | 'stall'>(kind: K) {
  return fc.record({ kind: fc.constant(kind), ms: fc.integer({ min: 0, max: 40 }) });
}

const anyOptions: fc.Arbitrary<BulkheadOptions> = fc.record({
  maxConcurrent: fc.nat(3),
  maxQueue: fc.nat(4),
  maxQueueWaitMs: fc.nat(50),
});

/** One applicant as the property sees it. */
class Guest {
  readonly arrivedAt: number;
  place: Place | undefined;
  heard: string[] = [];
  left = false;

  constructor(arrivedAt: number) {
    this.arrivedAt = arrivedAt;
  }
}

class House {
  readonly clock = new VirtualClock();
  readonly bulkhead: Bulkhead;
  readonly guests: Guest[] = [];
  readonly grantedFromLine: number[] = [];
  grantedTooLate = 0;
  private readonly options: BulkheadOptions;

  constructor(options: BulkheadOptions) {
    this.options = options;
    this.bulkhead = new Bulkhead(options, this.clock);
  }

  run(step: Step): void {
    if (step.kind === 'enter') this.enter(step.leftMs, step.failsAtOnce);
    else if (step.kind === 'leave') this.leave(this.guests[step.which % this.guests.length]);
    else if (step.kind === 'advance') this.clock.advance(step.ms);
    else if (step.kind === 'stall') this.clock.stall(step.ms);
    else this.bulkhead.flush(() => new CircuitOpenError(0));
  }

  /** What is wrong now, in words; an empty list when all is well. */
  problems(): string[] {
    const { inFlight, queued } = this.bulkhead;
    const { maxConcurrent, maxQueue } = this.options;
    const holding = this.guests.filter(({ heard, left }) => heard[0] === 'granted' && !left);
    const rules: Record<string, boolean> = {
      'in flight are those who were granted and have not left': inFlight === holding.length,
      'never more in flight than the limit': inFlight <= maxConcurrent,
      'never more in the line than it holds': queued <= maxQueue,
      'nobody waits while a permit is free': queued === 0 || inFlight === maxConcurrent,
      'each waiter has a timer, and nobody else': this.clock.pending === queued,
      'nobody hears twice': this.guests.every(({ heard }) => heard.length <= 1),
      'first come, first served': this.grantedFromLine.every(
        (number, index, all) => index === 0 || number > (all[index - 1] ?? Infinity),
      ),
      'nobody is granted a permit too late': this.grantedTooLate === 0,
    };
    return Object.keys(rules).filter((rule) => rules[rule] !== true);
  }

  private enter(leftMs: number, failsAtOnce: boolean): void {
    const waitMs = Math.min(leftMs, this.options.maxQueueWaitMs);
    const guest = new Guest(this.clock.now());
    const number = this.guests.push(guest);
    const deadline = { leftMs: () => guest.arrivedAt + leftMs - this.clock.now() };
    guest.place = this.bulkhead.enter(deadline, {
      granted: () => {
        guest.heard.push('granted');
        if (guest.place === undefined) return;
        this.grantedFromLine.push(number);
        if (this.clock.now() - guest.arrivedAt >= waitMs) this.grantedTooLate += 1;
        if (failsAtOnce) this.leave(guest);
      },
      refused: ({ code }) => guest.heard.push(code),
    });
    if (failsAtOnce && guest.heard[0] === 'granted') this.leave(guest);
  }

  leave(guest: Guest | undefined): void {
    if (guest?.place === undefined) return;
    guest.left = true;
    this.bulkhead.leave(guest.place);
  }
}

describe('Bulkhead, whatever happens in whatever order', () => {
  it('keeps its limit, its line and its word', () => {
    fc.assert(
      fc.property(anyOptions, steps, (bulkheadOptions, script) => {
        const house = new House(bulkheadOptions);
        for (const step of script) {
          house.run(step);
          if (house.problems().length > 0) break;
        }
        expect(house.problems()).toEqual([]);
        // Two waits long: whoever stayed has heard by then, whoever left may have heard nothing.
        house.clock.advance(100);
        expect(house.guests.filter(({ heard, left }) => heard.length === 0 && !left)).toEqual([]);
        for (const guest of house.guests) house.leave(guest);
        expect(house.problems()).toEqual([]);
        expect(house.bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
      }),
      { numRuns: 500 },
    );
  });
});
