import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { tracing } from '@opentelemetry/sdk-node';
import { sourceUnderTest } from '../../../test/support/outbound.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { TracedRequest } from '../../context/request/trace.ts';
import { SourceStatusError } from '../../errors/errors.ts';
import { SpanTracer } from './request-span.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
/** Some day, in ms since 1970. */
const DAY = 1_764_000_000_000;

const exporter = new tracing.InMemorySpanExporter();
let clock: VirtualClock;
let wallMs: number;
beforeEach(() => {
  clock = new VirtualClock();
  wallMs = DAY;
});
afterEach(() => exporter.reset());

function tracerOf(sampler: tracing.Sampler = new tracing.AlwaysOnSampler()): SpanTracer {
  const spanProcessors = [new tracing.SimpleSpanProcessor(exporter)];
  const provider = new tracing.BasicTracerProvider({ sampler, spanProcessors });
  return new SpanTracer(provider.getTracer('test'), clock, () => wallMs);
}

const begin = (tracer: SpanTracer, request: Partial<TracedRequest> = {}) =>
  tracer.begin({
    method: 'GET',
    arrivedAt: clock.now(),
    traceparent: `00-${TRACE}-${CALLER}-01`,
    tracestate: undefined,
    ...request,
  });

const ANSWERED = { statusCode: 200, isCancelled: false, sections: undefined };
const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
const one = (name: string) => {
  const [span, ...more] = named(name);
  if (span === undefined || more.length > 0) throw new Error(`${named(name).length} of ${name}`);
  return span;
};
const server = () => one('GET /dashboard/{user_id}');
const msOf = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6;

describe('a request', () => {
  it('goes on under its own span of the trace it came with', () => {
    const trace = begin(tracerOf());
    trace.end(ANSWERED);
    const { traceId, spanId } = server().spanContext();
    expect(traceId).toBe(TRACE);
    expect(trace).toMatchObject({ isContinued: true, isSampled: true });
    expect(trace.traceparent).toBe(`00-${TRACE}-${spanId}-01`);
    expect(server()).toMatchObject({
      kind: SpanKind.SERVER,
      parentSpanContext: { traceId, spanId: CALLER, isRemote: true },
      attributes: { 'http.response.status_code': 200 },
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it.each([undefined, '', 'nonsense', `00-${TRACE}-${CALLER}-01-more`])(
    'with %j for a trace begins a new one',
    (traceparent) => {
      const trace = begin(tracerOf(), { traceparent });
      trace.end(ANSWERED);
      expect(trace.isContinued).toBe(false);
      expect(server().parentSpanContext).toBeUndefined();
      expect(server().spanContext().traceId).not.toBe(TRACE);
    },
  );

  it('begins when it arrived and ends now, whatever the wall clock does meanwhile', () => {
    const arrivedAt = clock.now();
    clock.advance(5);
    const trace = begin(tracerOf(), { arrivedAt });
    clock.advance(40);
    wallMs -= 3_600_000;
    trace.end(ANSWERED);
    expect(msOf(server().startTime)).toBeCloseTo(DAY - 5, 3);
    expect(msOf(server().endTime)).toBeCloseTo(DAY + 40, 3);
  });

  it.each<[number, boolean]>([
    [200, false],
    [404, false],
    [500, true],
    [504, true],
  ])('with the status %s is an error: %s', (statusCode, isError) => {
    begin(tracerOf()).end({ ...ANSWERED, statusCode });
    expect(server().status.code).toBe(isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET);
    expect(server().attributes['error.type']).toBe(isError ? String(statusCode) : undefined);
  });

  it('says what is missing and what is stale, and of a caller that left no status', () => {
    const section = { elapsedMs: 1, attempts: 1 };
    begin(tracerOf()).end({
      statusCode: 0,
      isCancelled: true,
      sections: [
        { ...section, source: 'user', status: 'fresh' },
        { ...section, source: 'orders', status: 'missing', reason: 'timeout' },
        { ...section, source: 'recommendations', status: 'stale', reason: 'timeout' },
      ],
    });
    expect(server().attributes).toMatchObject({
      'tributary.cancelled': true,
      'tributary.missing': ['orders'],
      'tributary.stale': ['recommendations'],
    });
    expect(server().attributes).not.toHaveProperty('http.response.status_code');
  });

  it.each<[string, tracing.Sampler, string]>([
    ['its caller', new tracing.ParentBasedSampler({ root: new tracing.AlwaysOnSampler() }), '00'],
    ['our sampler', new tracing.AlwaysOffSampler(), '01'],
  ])('that %s does not sample goes on as such', (_who, sampler, flags) => {
    const trace = begin(tracerOf(sampler), { traceparent: `00-${TRACE}-${CALLER}-${flags}` });
    expect(trace.isSampled).toBe(false);
    expect(trace.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!0{16})[0-9a-f]{16}-00$`));
  });
});

describe('below a request', () => {
  it('a call and its attempts have the times, instances and outcomes of the trail', () => {
    const source = sourceUnderTest(clock, { RETRIES: '1', URL: 'http://a,https://b:8443' });
    const trace = begin(tracerOf());
    const { call, end } = source.ask({
      trace,
      forwarded: ['traceparent', trace.traceparent, 'accept-language', 'de'],
    });
    clock.advance(10);
    source.transport.exchange(0).fail(new SourceStatusError(503));
    clock.advance(25);
    clock.advance(30);
    source.transport.exchange(1).answer();
    end();
    const attempts = named('GET thing');
    expect(attempts).toHaveLength(2);
    attempts.forEach((span, at) => {
      const attempt = call.context.trail.attempts[at];
      const isA = attempt?.instance?.origin === 'http://a';
      expect(span).toMatchObject({
        kind: SpanKind.CLIENT,
        parentSpanContext: { spanId: one('source thing').spanContext().spanId },
        attributes: {
          'server.address': isA ? 'a' : 'b',
          'server.port': isA ? 80 : 8443,
          'tributary.attempt.number': at + 1,
          'tributary.attempt.kind': at === 0 ? 'first' : 'retry',
          'tributary.outcome': at === 0 ? 'upstream_error' : 'ok',
        },
        status: { code: at === 0 ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
      });
      const [from, to] = [attempt?.startedAt ?? 0, attempt?.endedAt ?? 0];
      expect(msOf(span.startTime) - DAY).toBeCloseTo(from - 10_000, 3);
      expect(msOf(span.endTime) - msOf(span.startTime)).toBeCloseTo(to - from, 3);
      // Each is told of its own span, and of the rest as it came.
      const { headers } = source.transport.exchange(at).request;
      const { spanId } = span.spanContext();
      expect(headers.slice(-4)).toEqual([
        'traceparent',
        `00-${TRACE}-${spanId}-01`,
        'accept-language',
        'de',
      ]);
    });
    expect(one('source thing')).toMatchObject({
      kind: SpanKind.INTERNAL,
      attributes: {
        'tributary.source': 'thing',
        'tributary.outcome': 'ok',
        'tributary.cache': 'miss',
        'tributary.coalesced': false,
        'tributary.queued_ms': 0,
        'tributary.attempts': 2,
      },
    });
  });

  it('a call that is answered from memory says so, and has no attempt', () => {
    const source = sourceUnderTest(clock, { STALE_MS: '60000', BREAKER_MIN_CALLS: '1' });
    source.ask().end();
    source.transport.exchange(0).answer();
    const failing = source.ask({ trace: begin(tracerOf()) });
    source.transport.exchange(1).fail(new SourceStatusError(500));
    failing.end();
    source.ask({ trace: begin(tracerOf()) }).end();
    const [afterFailure, openBreaker] = named('source thing');
    expect(afterFailure?.attributes).toMatchObject({
      'tributary.cache': 'stale',
      'tributary.stale_reason': 'upstream_error',
      'tributary.outcome': 'ok',
    });
    expect(openBreaker?.attributes).toMatchObject({
      'tributary.stale_reason': 'circuit_open',
      'tributary.attempts': 0,
    });
    expect(named('GET thing')).toHaveLength(1);
  });

  it('a call that waits for a permit says how long', () => {
    const source = sourceUnderTest(clock, { MAX_CONCURRENT: '1' });
    const first = source.ask();
    const waiting = source.ask({ trace: begin(tracerOf()) });
    clock.advance(30);
    source.transport.exchange(0).answer();
    source.transport.exchange(1).answer();
    first.end();
    waiting.end();
    expect(one('source thing').attributes['tributary.queued_ms']).toBeCloseTo(30, 3);
  });

  it('an IPv6 instance has no brackets', () => {
    const source = sourceUnderTest(clock, { URL: 'http://[::1]:8080' });
    const { end } = source.ask({ trace: begin(tracerOf()) });
    source.transport.exchange(0).answer();
    end();
    expect(one('GET thing').attributes).toMatchObject({
      'server.address': '::1',
      'server.port': 8080,
    });
  });
});
