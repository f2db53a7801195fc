import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { Bulkhead, type Place } from './bulkhead.ts';

function limitOf(max = 1_000) {
  const clock = new VirtualClock();
  return { clock, limit: new AdaptiveLimit(max, clock) };
}

/** A round in which everything is used. */
function round(clock: VirtualClock, limit: AdaptiveLimit, outcome: 'answered' | 'dropped'): void {
  const sentAt = clock.now();
  clock.advance(100);
  if (outcome === 'answered') limit.answered(sentAt, limit.current);
  else limit.dropped(sentAt);
}

describe('AdaptiveLimit', () => {
  it('starts with 20, or with all there may be', () => {
    expect(limitOf().limit.current).toBe(20);
    expect(limitOf(7).limit.current).toBe(7);
    expect(limitOf(0).limit.current).toBe(0);
  });

  it('takes one more a round, however many attempts end in it', () => {
    const { clock, limit } = limitOf();
    const sentAt = clock.now();
    clock.advance(100);
    for (let n = 0; n < 20; n += 1) limit.answered(sentAt, 20);
    expect(limit.current).toBe(21);
    round(clock, limit, 'answered');
    expect(limit.current).toBe(22);
  });

  it('takes no more while less than half of it is used, and never more than there may be', () => {
    const { clock, limit } = limitOf(22);
    for (let n = 0; n < 10; n += 1) {
      clock.advance(100);
      limit.answered(clock.now(), 9);
    }
    expect(limit.current).toBe(20);
    for (let n = 0; n < 10; n += 1) round(clock, limit, 'answered');
    expect(limit.current).toBe(22);
  });

  it('gives up a tenth for a drop, once a round, and keeps four', () => {
    const { clock, limit } = limitOf();
    const sentAt = clock.now();
    clock.advance(100);
    for (let n = 0; n < 20; n += 1) limit.dropped(sentAt);
    expect(limit.current).toBe(18);
    for (let n = 0; n < 50; n += 1) round(clock, limit, 'dropped');
    expect(limit.current).toBe(4);
  });

  it('never gives more than there may be, also below the floor', () => {
    const { clock, limit } = limitOf(2);
    round(clock, limit, 'dropped');
    expect(limit.current).toBe(2);
  });
});

/** A source with so many workers of 100 ms and a short line of its own: more is answered with a 503 at once. */
class Source {
  served = 0;
  dropped = 0;
  busy = 0;
  workers: number;

  constructor(workers: number) {
    this.workers = workers;
  }
}

/** Callers of one source, more than it can carry, in front of a bulkhead with an adaptive limit. */
function simulated(workers: number, perSecond: number) {
  const clock = new VirtualClock();
  const limit = new AdaptiveLimit(1_000, clock);
  const options = { maxConcurrent: 1_000, maxQueue: 10, maxQueueWaitMs: 75 };
  const bulkhead = new Bulkhead(options, clock, limit);
  const source = new Source(workers);
  const attempt = (done: () => void): void => {
    const sentAt = clock.now();
    const isDropped = source.busy >= source.workers;
    if (!isDropped) source.busy += 1;
    clock.setTimeout(
      () => {
        if (isDropped) {
          source.dropped += 1;
          limit.dropped(sentAt);
        } else {
          source.busy -= 1;
          source.served += 1;
          limit.answered(sentAt, bulkhead.inFlight);
        }
        done();
      },
      isDropped ? 5 : 100,
    );
  };
  const arrive = (): void => {
    // One that is granted at once has its place only after `enter` has returned.
    const held: { place?: Place } = {};
    held.place = bulkhead.enter(
      { leftMs: () => 10_000 },
      {
        granted: () => attempt(() => held.place && bulkhead.leave(held.place)),
        refused: () => undefined,
      },
    );
    clock.setTimeout(arrive, 1_000 / perSecond);
  };
  arrive();
  /** Runs on. @returns served and dropped meanwhile, a second */
  const run = (seconds: number): { served: number; dropped: number } => {
    source.served = source.dropped = 0;
    clock.advance(seconds * 1_000);
    return { served: source.served / seconds, dropped: source.dropped / seconds };
  };
  return { limit, source, run };
}

describe('against a source that carries so much and no more', () => {
  it.each([5, 20, 50])('of %d workers it finds them, at four times the load', (workers) => {
    const { limit, run } = simulated(workers, workers * 40);
    run(10);
    const { served, dropped } = run(10);
    // 100 ms each: ten a second and worker.
    expect(served).toBeGreaterThan(0.85 * workers * 10);
    expect(dropped).toBeLessThan(0.25 * workers * 10);
    expect(limit.current).toBeGreaterThanOrEqual(Math.max(4, Math.floor(0.8 * workers)));
    expect(limit.current).toBeLessThanOrEqual(workers + 1);
  });

  it('follows when the source loses most of its workers, and when it has them back', () => {
    const { source, run } = simulated(40, 1_000);
    run(10);
    source.workers = 10;
    run(5);
    const less = run(5);
    expect(less.served).toBeGreaterThan(0.85 * 100);
    expect(less.dropped).toBeLessThan(0.3 * 100);
    source.workers = 40;
    run(10);
    expect(run(5).served).toBeGreaterThan(0.85 * 400);
  });

  it('is out of the way of a load that the source can carry', () => {
    const { run } = simulated(100, 400);
    run(10);
    const { served, dropped } = run(10);
    expect(dropped).toBe(0);
    expect(served).toBeCloseTo(400, -1);
  });
});
