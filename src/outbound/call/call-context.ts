import type { Deadline } from '../../context/deadline.ts';
import type { RequestContext } from '../../context/request/request-context.ts';
import type { CallTrace } from '../../context/request/trace.ts';
import type { BreakerState } from '../breaker/breaker-gate.ts';
import type { Attempt } from './attempt.ts';

/** What was met on the way to a source: what the answer reports of it, and what a plan explains. */
export class Trail {
  /** Every attempt that was sent, in order. */
  attempts: readonly Attempt[] = NONE;
  /** Waited for permits in all. */
  queuedMs = 0;
  /** The breaker as the call found it. */
  breaker: BreakerState = 'closed';

  /** @returns its number: 1 for the first */
  add(attempt: Attempt): number {
    // Almost always the only one.
    this.attempts = this.attempts === NONE ? [attempt] : [...this.attempts, attempt];
    return this.attempts.length;
  }
}

const NONE: readonly Attempt[] = [];

/** What a call may know of its deadline: a request's own, or the longest of those that share a flight. */
export type CallDeadline = Pick<Deadline, 'answerAt' | 'leftMs' | 'watch' | 'unwatch'>;

/** One call's share of its request, and what became of it so far. */
export interface CallContext extends Omit<RequestContext, 'deadline' | 'isTight'> {
  readonly deadline: CallDeadline;
  /** Whether it is given up before it begins, as the process is close to its limits. */
  readonly isShed: boolean;
  /** Of the shared flight once it joined one. */
  trail: Trail;
  /** Whether it joined a flight that was under way. */
  isCoalesced: boolean;
  /** What the memory of good answers had to do with it: nothing, all of it, or help after a failure. */
  cache: 'miss' | 'hit' | 'stale';
  /** Set while it is traced; of the first caller in a shared flight. */
  callTrace: CallTrace | undefined;
}

/** A new call of a request. */
export const callOf = (
  { requestId, deadline, forwarded, audience, trace }: RequestContext,
  isShed = false,
): CallContext => ({
  requestId,
  deadline,
  forwarded,
  audience,
  trace,
  isShed,
  trail: new Trail(),
  isCoalesced: false,
  cache: 'miss',
  callTrace: undefined,
});
