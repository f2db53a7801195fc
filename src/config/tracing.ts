import type { ServiceOptions } from './env.schema.ts';

type TracingOptions = Pick<
  ServiceOptions,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  | 'OTEL_TRACES_EXPORTER'
  | 'OTEL_SDK_DISABLED'
>;

/** Whether requests are traced: somebody is there to be told, and nobody has said no. */
export function isTracing(options: TracingOptions): boolean {
  const endpoint =
    options.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? options.OTEL_EXPORTER_OTLP_ENDPOINT;
  // As the SDK reads them: a list, and a truth in any letters.
  const [exporter] = options.OTEL_TRACES_EXPORTER.split(',');
  const isDisabled = options.OTEL_SDK_DISABLED.trim().toLowerCase() === 'true';
  return endpoint !== undefined && exporter?.trim() !== 'none' && !isDisabled;
}
