import { loadConfig } from '../../src/config/config.ts';
import { AnswerMemory } from '../../src/outbound/last-known-good/answer-memory.ts';
import { lastKnownGoodOf } from '../../src/outbound/last-known-good/last-known-good.factory.ts';
import type { LastKnownGood } from '../../src/outbound/last-known-good/last-known-good.ts';
import type { RedisCommands } from '../../src/outbound/last-known-good/shared-answers.ts';
import { THING } from './outbound.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The bytes of a good answer, each time other ones. */
export const bodyOf = (value: unknown = THING): Buffer => Buffer.from(JSON.stringify(value));

export interface MemoryOptions {
  readonly source?: string;
  readonly staleMs?: number;
  readonly freshMs?: number;
  readonly maxResponseBytes?: number;
  readonly answers?: AnswerMemory;
  readonly redis?: RedisCommands;
}

/** What one replica remembers of one source, in virtual time; answers stand in for failures for a minute. */
export function memoryUnderTest(clock: VirtualClock, options: MemoryOptions = {}) {
  const { source = 'thing', staleMs = 60_000, freshMs = 0, redis } = options;
  const answers = options.answers ?? new AnswerMemory();
  const events: string[] = [];
  const listeners = [
    { memory: (from: string, event: string) => void events.push(`${from}: ${event}`) },
  ];
  const env = {
    X_URL: 'http://x',
    X_STALE_MS: `${staleMs}`,
    X_FRESH_MS: `${freshMs}`,
    X_MAX_RESPONSE_BYTES: `${options.maxResponseBytes ?? 1_048_576}`,
  };
  const knobs = loadConfig(env, [{ name: source, envPrefix: 'X' }]).sources[source];
  const memory = knobs && lastKnownGoodOf(source, knobs, { answers, redis, clock, listeners });
  if (memory === undefined) throw new Error('it remembers nothing');
  return { memory, answers, events } satisfies { memory: LastKnownGood } & Record<string, unknown>;
}
