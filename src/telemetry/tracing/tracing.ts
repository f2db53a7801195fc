import type { Logger } from 'pino';
import type { ServiceOptions } from '../../config/env.schema.ts';
import { isTracing } from '../../config/tracing.ts';
import type { Tracing } from './sdk.ts';

/**
 * Where tracing is on; the SDK is not even loaded where it is not. One that does not start costs the traces, not the
 * service.
 */
export async function startTracing(
  options: ServiceOptions,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (!isTracing(options)) return undefined;
  try {
    const { startSdk } = await import('./sdk.ts');
    return startSdk(logger);
  } catch (error) {
    logger.error({ name: error instanceof Error ? error.name : typeof error }, 'no tracing');
    return undefined;
  }
}
