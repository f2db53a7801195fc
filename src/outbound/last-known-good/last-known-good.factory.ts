import type { SourceOptions } from '../../config/env.schema.ts';
import type { Clock } from '../../context/clock.ts';
import type { MemoryEvent, OutboundListener } from '../outbound-events.ts';
import type { AnswerMemory } from './answer-memory.ts';
import { LastKnownGood } from './last-known-good.ts';
import { SharedAnswers, type RedisCommands } from './shared-answers.ts';

/** What the sources of a process have in common to remember with. */
export interface MemorySurroundings {
  readonly answers: AnswerMemory;
  readonly redis: RedisCommands | undefined;
  readonly clock: Clock;
  readonly listeners: readonly OutboundListener[];
}

/** Undefined for a source that may answer nothing from memory: then nothing of it is remembered. */
export function lastKnownGoodOf(
  source: string,
  { STALE_MS: staleMs, FRESH_MS: freshMs, MAX_RESPONSE_BYTES }: SourceOptions,
  { answers, redis, clock, listeners }: MemorySurroundings,
): LastKnownGood | undefined {
  if (staleMs === 0 && freshMs === 0) return undefined;
  const tell = (event: MemoryEvent): void => {
    for (const listener of listeners) listener.memory?.(source, event);
  };
  // Redis is only ever asked after a failure.
  const isShared = redis !== undefined && staleMs > 0;
  const options = { source, lifetimeMs: staleMs, maxBodyBytes: MAX_RESPONSE_BYTES };
  const shared = isShared ? new SharedAnswers(redis, options, clock, tell) : undefined;
  return new LastKnownGood({ source, staleMs, freshMs, memory: answers, shared, clock, tell });
}
