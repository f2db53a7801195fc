import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type {
  AttemptTrace,
  CallTrace,
  TracedAttempt,
  TracedCall,
  TracedOutcome,
} from '../../context/request/trace.ts';
import type { SpanTimes } from './span-times.ts';
import { traceparentOf } from './traceparent.ts';

/** The span of a call, and below it one for each of its attempts. */
export class CallSpan implements CallTrace {
  private readonly tracer: Tracer;
  private readonly source: string;
  private readonly span: Span;
  private readonly times: SpanTimes;

  constructor(tracer: Tracer, parent: Span, times: SpanTimes, source: string) {
    this.tracer = tracer;
    this.source = source;
    this.times = times;
    this.span = tracer.startSpan(
      `source ${source}`,
      {
        kind: SpanKind.INTERNAL,
        startTime: times.now(),
        attributes: { 'tributary.source': source },
      },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
  }

  beginAttempt(attempt: TracedAttempt): AttemptSpan {
    const { source, times } = this;
    const span = this.tracer.startSpan(
      `GET ${source}`,
      {
        kind: SpanKind.CLIENT,
        startTime: times.at(attempt.startedAt),
        attributes: attributesOf(attempt, source),
      },
      trace.setSpan(ROOT_CONTEXT, this.span),
    );
    return new AttemptSpan(span, times);
  }

  end(call: TracedCall): void {
    const { span } = this;
    span.setAttributes({
      'tributary.cache': call.cache,
      'tributary.coalesced': call.isCoalesced,
      'tributary.queued_ms': call.queuedMs,
      'tributary.attempts': call.attempts.length,
    });
    if (call.staleReason !== undefined)
      span.setAttribute('tributary.stale_reason', call.staleReason);
    if (call.isCoalesced) this.linkTo(call.attempts);
    endWith(span, call.outcome, call.outcome, this.times);
  }

  /** They hang under the call that came first; who joined it points there. */
  private linkTo(attempts: readonly TracedAttempt[]): void {
    for (const { trace: attempt } of attempts)
      if (attempt instanceof AttemptSpan) this.span.addLink({ context: attempt.context });
  }
}

class AttemptSpan implements AttemptTrace {
  readonly traceparent: string;
  private readonly span: Span;
  private readonly times: SpanTimes;

  constructor(span: Span, times: SpanTimes) {
    this.span = span;
    this.times = times;
    this.traceparent = traceparentOf(span.spanContext());
  }

  get context() {
    return this.span.spanContext();
  }

  end(outcome: TracedOutcome, statusCode: number): void {
    const { span } = this;
    if (statusCode > 0) span.setAttribute('http.response.status_code', statusCode);
    endWith(span, outcome, statusCode >= 400 ? String(statusCode) : outcome, this.times);
  }
}

function attributesOf({ kind, number, instance }: TracedAttempt, source: string): Attributes {
  return {
    'http.request.method': 'GET',
    ...(instance !== undefined && peerOf(instance.origin)),
    'tributary.source': source,
    'tributary.attempt.number': number,
    'tributary.attempt.kind': kind,
    ...(number > 1 && { 'http.request.resend_count': number - 1 }),
  };
}

/** An origin names its port only where it is not the scheme's own. */
function peerOf(origin: string): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  const usualPort = protocol === 'https:' ? 443 : 80;
  return {
    'server.address': hostname.replace(/^\[(.*)\]$/, '$1'),
    'server.port': port === '' ? usualPort : Number(port),
  };
}

/** What was given up is no error: somebody else was faster, or nobody waits any more. */
function endWith(span: Span, outcome: TracedOutcome, errorType: string, times: SpanTimes): void {
  span.setAttribute('tributary.outcome', outcome);
  if (outcome !== 'ok' && outcome !== 'cancelled') {
    span.setAttribute('error.type', errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(times.now());
}
