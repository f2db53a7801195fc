import { diag, DiagLogLevel, trace, type ContextManager } from '@opentelemetry/api';
import { NodeSDK, resources } from '@opentelemetry/sdk-node';
import type { Logger } from 'pino';
import { systemClock } from '../../context/clock.ts';
import type { RequestTracer } from '../../context/request/trace.ts';
import { diagnosticsTo } from './diagnostics.ts';
import { SpanTracer } from './request-span.ts';

/** Nobody waits longer than this for a collector to take the last spans. */
const FLUSH_MS = 1_000;

/** The SDK takes null for it, its types do not know. */
const NONE = null as unknown as ContextManager;

export interface Tracing {
  readonly tracer: RequestTracer;
  /** Sends what is left, for a second at most; never rejects. */
  stop(): Promise<void>;
}

/** OpenTelemetry's SDK, configured by its own variables: traces, and nothing else of what it can do. */
export function startSdk(logger: Logger): Tracing {
  const name = resources.resourceFromAttributes({ 'service.name': 'tributary' });
  const sdk = new NodeSDK({
    // The environment's own name comes over it.
    resource: resources.defaultResource().merge(name),
    // Metrics are for Prometheus to fetch, logs go to the standard output.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
    // Nothing is passed on or found by itself: headers and spans are handed down the calls.
    textMapPropagator: null,
    contextManager: NONE,
  });
  // After the constructor, which may have set one that writes to the console.
  diag.setLogger(diagnosticsTo(logger, systemClock), {
    logLevel: DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  });
  sdk.start();
  return {
    tracer: new SpanTracer(trace.getTracer('tributary'), systemClock),
    stop: () => within(FLUSH_MS, sdk.shutdown()),
  };
}

async function within(ms: number, flushed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  // What could not be sent has been complained of already.
  await Promise.race([flushed.catch(() => undefined), tooLong]);
  clearTimeout(timer);
}
