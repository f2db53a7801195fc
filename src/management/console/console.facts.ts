import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import type { Config } from '../../config/config.ts';
import type { SourceOptions } from '../../config/env.schema.ts';
import type { Facts, SourceFacts } from './console.contract.ts';

/** What the console says of the configuration: numbers and names, no address and no secret. */
export function factsOf({ service, sources }: Config): Facts {
  return {
    version: version(),
    deadlineMs: service.DEADLINE_MS,
    maxInFlight: service.MAX_IN_FLIGHT,
    maxLoopDelayMs: service.MAX_EVENT_LOOP_DELAY_MS,
    explains: service.EXPLAIN === 'on',
    sources: Object.entries(sources).map(([name, options]) => sourceFacts(name, options)),
  };
}

const sourceFacts = (name: string, options: SourceOptions): SourceFacts => ({
  name,
  isRequired: options.REQUIRED,
  maxConcurrent: options.MAX_CONCURRENT,
  maxQueue: options.MAX_QUEUE,
  maxQueueWaitMs: options.MAX_QUEUE_WAIT_MS,
  attemptTimeoutMs: options.ATTEMPT_TIMEOUT_MS,
  retries: options.RETRIES,
  hedges: options.HEDGE === 'on',
  coalesces: options.COALESCE === 'on',
  staleMs: options.STALE_MS,
  freshMs: options.FRESH_MS,
  breaker: {
    minCalls: options.BREAKER_MIN_CALLS,
    windowMs: options.BREAKER_WINDOW_MS,
    failureRatio: options.BREAKER_FAILURE_RATIO,
    openMs: options.BREAKER_OPEN_MS,
  },
});

function version(): string {
  const path = findPackageJSON('.', import.meta.url);
  if (path === undefined) return '';
  return (JSON.parse(readFileSync(path, 'utf8')) as { version?: string }).version ?? '';
}
