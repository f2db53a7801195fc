import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import type { Clock } from '../../context/clock.ts';

/**
 * opossum as an outcome-fed state machine: it keeps the window and decides to open, and never runs a call. Verdicts
 * go in one by one, at once and in order; its own timers, semaphore, timeout and cache stay unused, because each of
 * them counts something else than we promise (docs/decisions/0002-opossum.md). The only file that knows opossum.
 */

const BUCKETS = 10;

/** opossum opens on strictly more than its threshold, we promise at least. */
const A_HAIR_PERCENT = 1e-9;

/** opossum arms a (not keeping alive) timer of this length when it opens; our gate decides when to probe. */
const NEVER_MS = 2 ** 31 - 1;

export interface WindowOptions {
  readonly windowMs: number;
  readonly minCalls: number;
  readonly failureRatio: number;
}

export class OpossumBreaker {
  private readonly options: WindowOptions;
  private readonly clock: Clock;
  private readonly rotation = new EventEmitter();
  private readonly bucketMs: number;
  private readonly circuit: CircuitBreaker<[isFailure: boolean], void>;
  private bucketSince: number;
  private lastFailureAt = -Infinity;

  constructor(options: WindowOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
    this.bucketMs = options.windowMs / BUCKETS;
    this.bucketSince = clock.now();
    this.circuit = new CircuitBreaker(settle, {
      errorThresholdPercentage: options.failureRatio * 100 - A_HAIR_PERCENT,
      volumeThreshold: options.minCalls,
      rollingCountTimeout: options.windowMs,
      rollingCountBuckets: BUCKETS,
      rotateBucketController: this.rotation,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      timeout: false,
      resetTimeout: NEVER_MS,
    });
  }

  get isOpen(): boolean {
    return !this.circuit.closed;
  }

  /** Share of failures among the verdicts of the window; 0 without any. */
  get failureRatio(): number {
    const { calls, failures } = this.count();
    return calls === 0 ? 0 : failures / calls;
  }

  /** Takes one verdict; opens when it tips the window. */
  record(isFailure: boolean): void {
    const now = this.rotate();
    if (isFailure) {
      this.lastFailureAt = now;
      // Rejects: opossum's way of saying what we just told it.
      this.circuit.fire(true).catch(() => undefined);
    } else {
      // What `fire` comes to for a success, without its promise: almost every verdict is one.
      this.circuit.emit('fire', []);
      this.circuit.emit('success', undefined, 0);
      if (now - this.lastFailureAt <= this.options.windowMs) this.openIfTipped();
    }
  }

  /** Closes, and forgets the failures that opened it. */
  close(): void {
    this.turn(BUCKETS);
    this.circuit.close();
  }

  dispose(): void {
    this.circuit.shutdown();
  }

  /** opossum looks at its window after failures only; a success can be the call that makes it full enough. */
  private openIfTipped(): void {
    const { calls, failures } = this.count();
    if (
      failures > 0 &&
      calls >= this.options.minCalls &&
      failures / calls >= this.options.failureRatio
    )
      this.circuit.open();
  }

  private count(): { calls: number; failures: number } {
    this.rotate();
    let calls = 0;
    let failures = 0;
    for (const bucket of this.circuit.status.window) {
      calls += bucket.fires;
      failures += bucket.failures;
    }
    return { calls, failures };
  }

  /** Lets the window move on by the injected clock, when it is looked at: no interval runs for it. */
  private rotate(): number {
    const now = this.clock.now();
    const passed = Math.floor((now - this.bucketSince) / this.bucketMs);
    if (passed > 0) {
      this.bucketSince += passed * this.bucketMs;
      this.turn(Math.min(passed, BUCKETS));
    }
    return now;
  }

  private turn(buckets: number): void {
    for (let turned = 0; turned < buckets; turned += 1) this.rotation.emit('rotate');
  }
}

/** The "call" opossum makes: settles at once, so that the state has changed when `fire` returns. */
function settle(isFailure: boolean): Promise<void> {
  if (isFailure) throw A_FAILURE;
  return DONE;
}

const A_FAILURE = new Error('a failure was recorded');

/** A thenable that calls back synchronously; all that opossum asks of an action's result. */
const DONE = {
  then(onFulfilled: () => void) {
    onFulfilled();
    return DONE;
  },
  catch() {
    return DONE;
  },
} as unknown as Promise<void>;
