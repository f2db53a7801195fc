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

const options: fc.Arbitrary<BulkheadOptions> = fc.record({
  maxConcurrent: fc.nat(3),
  maxQueue: fc.nat(4),
  maxQueueWaitMs: fc.nat(50),
});

/** One applicant as the property sees it. */
class Guest {
  readonly arrivedAt: number;
  readonly waitMs: number;
  place: Place | undefined;
  heard: string[] = [];
  left = false;

  constructor(arrivedAt: number, waitMs: number) {
    this.arrivedAt = arrivedAt;
    this.waitMs = waitMs;
  }
}

class House {
  readonly clock = new VirtualClock();
  readonly bulkhead: Bulkhead;
  readonly guests: Guest[] = [];
  readonly grantedFromLine: number[] = [];
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

  check(): void {
    const { inFlight, queued } = this.bulkhead;
    const { maxConcurrent, maxQueue } = this.options;
    const holding = this.guests.filter(({ heard, left }) => heard[0] === 'granted' && !left);
    expect(inFlight).toBe(holding.length);
    expect(inFlight).toBeLessThanOrEqual(maxConcurrent);
    expect(queued).toBeLessThanOrEqual(maxQueue);
    // No lost wake-up: nobody waits while a permit is free.
    expect(queued > 0 && inFlight < maxConcurrent).toBe(false);
    // Each waiter has a timer, and nobody else has.
    expect(this.clock.pending).toBe(queued);
    for (const { heard } of this.guests) expect(heard.length).toBeLessThanOrEqual(1);
    // First come, first served.
    expect(this.grantedFromLine).toEqual([...this.grantedFromLine].sort((a, b) => a - b));
  }

  private enter(leftMs: number, failsAtOnce: boolean): void {
    const waitMs = Math.min(leftMs, this.options.maxQueueWaitMs);
    const guest = new Guest(this.clock.now(), waitMs);
    const number = this.guests.push(guest);
    guest.place = this.bulkhead.enter(leftMs, {
      granted: () => {
        guest.heard.push('granted');
        if (guest.place === undefined) return;
        this.grantedFromLine.push(number);
        expect(this.clock.now() - guest.arrivedAt).toBeLessThan(waitMs);
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
      fc.property(options, steps, (bulkheadOptions, script) => {
        const house = new House(bulkheadOptions);
        for (const step of script) {
          house.run(step);
          house.check();
        }
        // Two waits long: whoever stayed has heard by then, whoever left may have heard nothing.
        house.clock.advance(100);
        for (const { heard, left } of house.guests) expect(heard.length === 1 || left).toBe(true);
        for (const guest of house.guests) house.leave(guest);
        house.check();
        expect(house.bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
      }),
      { numRuns: 500 },
    );
  });
});
