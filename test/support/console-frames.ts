import type {
  BreakerFrame,
  Facts,
  Frame,
  Requests,
  SourceFrame,
} from '../../src/management/console/console.contract.ts';

/** Seconds of the console's feed, as tests make them up. */

export const FACTS: Facts = {
  version: '0',
  deadlineMs: 1500,
  maxInFlight: 4096,
  maxLoopDelayMs: 200,
  explains: true,
  sources: ['user', 'orders'].map((name) => ({
    name,
    isRequired: false,
    maxConcurrent: 100,
    maxQueue: 50,
    maxQueueWaitMs: 75,
    attemptTimeoutMs: 0,
    retries: 1,
    hedges: false,
    coalesces: true,
    staleMs: 0,
    freshMs: 0,
    breaker: { minCalls: 20, windowMs: 10_000, failureRatio: 0.5, openMs: 1000 },
  })),
};

const REQUESTS: Requests = {
  success: 0,
  partial_success: 0,
  failure: 0,
  not_found: 0,
  shed: 0,
  rejected: 0,
  cancelled: 0,
};

export const breakerFrame = (over: Partial<BreakerFrame> = {}): BreakerFrame => ({
  state: 'closed',
  failureRatio: 0,
  openForMs: null,
  troubledForMs: null,
  changes: [],
  ...over,
});

export const sourceFrame = (over: Partial<SourceFrame> = {}): SourceFrame => ({
  fresh: 0,
  stale: 0,
  missing: 0,
  attempts: 0,
  retries: 0,
  hedges: 0,
  latencyMs: null,
  inFlight: 0,
  limit: 100,
  queued: 0,
  budget: 10,
  breaker: breakerFrame(),
  ...over,
});

/** The n-th second. */
export const frame = (
  n: number,
  requests: Partial<Requests> = {},
  sources: Readonly<Record<string, SourceFrame>> = {},
  over: Partial<Frame> = {},
): Frame => ({
  at: n * 1000,
  spanMs: 1000,
  requests: { ...REQUESTS, ...requests },
  slackMs: null,
  inFlight: 0,
  loopDelayMs: 0,
  sources: { user: sourceFrame(), orders: sourceFrame(), ...sources },
  ...over,
});
