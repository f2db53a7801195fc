import type { AttemptTrace } from '../../context/request/trace.ts';
import type { Reason } from '../../errors/reason.ts';
import type { Instance } from '../../instances/instance.ts';
import { Wire } from '../../transport/wire.ts';

/** Why it was made: the first of its call, one after a failure, or one beside an attempt that takes long. */
export const ATTEMPT_KINDS = ['first', 'retry', 'hedge'] as const;

export type AttemptKind = (typeof ATTEMPT_KINDS)[number];

/** How an attempt or a call ended, in the words that callers, metrics and plans share. */
export type Outcome = 'ok' | Reason | 'cancelled';

/** One HTTP try of a call: the layers below the retry fill it in on its way down, and its end on the way up. */
export class Attempt {
  readonly kind: AttemptKind;
  /** What holds the permit; the same for a try that goes out again under the permit of the one before. */
  readonly wire: Wire;
  /** Whether no other attempt can follow this one, so that it may use all the time that is left. */
  isLast = true;
  /** Whether the call has its answer from elsewhere: what becomes of this one is no evidence any more. */
  isAbandoned = false;
  /** Whether a connection kept from earlier answers will not do. */
  onNewConnection = false;

  // Set when it is sent.
  /** 1, 2, … in the order of sending; 0 before. */
  number = 0;
  instance: Instance | undefined;
  /** In `clock.now()` ms. */
  startedAt = 0;
  /** Undefined where it is not traced. */
  trace: AttemptTrace | undefined;

  // Set when it is over.
  endedAt: number | undefined;
  outcome: Outcome | undefined;

  constructor(kind: AttemptKind = 'first', wire = new Wire()) {
    this.kind = kind;
    this.wire = wire;
  }
}
