import type {
  AttemptTrace,
  CallTrace,
  RequestTrace,
  TracedCall,
  TracedOutcome,
} from '../../src/context/request/trace.ts';

/** A request that is traced, where nobody but the test is told. */
export class FakeTrace implements RequestTrace {
  readonly traceparent = 'of the request';
  readonly isContinued = true;
  readonly isSampled = true;
  /** Spans that have begun and not ended. */
  open = 0;
  readonly calls: TracedCall[] = [];
  readonly attempts: { readonly outcome: TracedOutcome; readonly statusCode: number }[] = [];

  beginCall(): CallTrace {
    this.open += 1;
    return {
      beginAttempt: () => this.beginAttempt(),
      end: (end) => {
        this.open -= 1;
        this.calls.push(end);
      },
    };
  }

  beginAttempt(): AttemptTrace {
    this.open += 1;
    return {
      traceparent: 'of the attempt',
      end: (outcome, statusCode) => {
        this.open -= 1;
        this.attempts.push({ outcome, statusCode });
      },
    };
  }

  end(): void {
    throw new Error('a call does not end its request');
  }
}
