import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { Clock } from '../../context/clock.ts';
import type {
  RequestTrace,
  RequestTracer,
  TracedEnd,
  TracedRequest,
} from '../../context/request/trace.ts';
import { CallSpan } from './call-span.ts';
import { SpanTimes } from './span-times.ts';
import { parseTraceparent, traceparentOf, type TraceParent } from './traceparent.ts';

/** What the documents call the path: it names no user. */
const ROUTE = '/dashboard/{user_id}';

/**
 * Spans made by OpenTelemetry, handed from the request to its calls to their attempts by hand: there is no context that
 * follows asynchronous code around, which would cost every promise and every callback of the process.
 */
export class SpanTracer implements RequestTracer {
  private readonly tracer: Tracer;
  private readonly clock: Clock;
  private readonly wallNow: () => number;

  constructor(tracer: Tracer, clock: Clock, wallNow: () => number = Date.now) {
    this.tracer = tracer;
    this.clock = clock;
    this.wallNow = wallNow;
  }

  begin(request: TracedRequest): RequestTrace {
    const times = new SpanTimes(this.clock, this.wallNow());
    const parent = parseTraceparent(request.traceparent);
    const { method, arrivedAt, tracestate } = request;
    const span = this.tracer.startSpan(
      `${method} ${ROUTE}`,
      {
        kind: SpanKind.SERVER,
        startTime: times.at(arrivedAt),
        attributes: { 'http.request.method': method, 'http.route': ROUTE, 'url.scheme': 'http' },
      },
      parent === undefined ? ROOT_CONTEXT : contextOf(parent, tracestate),
    );
    return new RequestSpan(this.tracer, span, times, parent !== undefined);
  }
}

class RequestSpan implements RequestTrace {
  readonly traceparent: string;
  readonly isContinued: boolean;
  readonly isSampled: boolean;
  private readonly tracer: Tracer;
  private readonly span: Span;
  private readonly times: SpanTimes;

  constructor(tracer: Tracer, span: Span, times: SpanTimes, isContinued: boolean) {
    this.tracer = tracer;
    this.span = span;
    this.times = times;
    this.isContinued = isContinued;
    this.traceparent = traceparentOf(span.spanContext());
    this.isSampled = span.isRecording();
  }

  beginCall(source: string): CallSpan {
    return new CallSpan(this.tracer, this.span, this.times, source);
  }

  end({ statusCode, isCancelled, sections = [] }: TracedEnd): void {
    const { span } = this;
    if (statusCode > 0) span.setAttribute('http.response.status_code', statusCode);
    if (isCancelled) span.setAttribute('tributary.cancelled', true);
    for (const status of ['missing', 'stale'] as const) {
      const sources = sections.filter((section) => section.status === status);
      if (sources.length > 0)
        span.setAttribute(
          `tributary.${status}`,
          sources.map(({ source }) => source),
        );
    }
    if (statusCode >= 500) {
      span.setAttribute('error.type', String(statusCode));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(this.times.now());
  }
}

function contextOf(
  { traceId, spanId, isSampled }: TraceParent,
  tracestate: string | undefined,
): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: isSampled ? 1 : 0,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  });
}
