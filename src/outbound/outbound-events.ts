import type { BreakerState } from './breaker/breaker-gate.ts';
import type { InstancesChange } from '../instances/follow-discovery.ts';
import type { Attempt } from './call/attempt.ts';
import type { OutboundCall } from './outbound.interceptor.ts';
import type { End } from './observe-end.ts';

// What listeners are told of is theirs to name.
export type { InstancesChange };
/**
 * What became of dealings with the answers that replicas share through Redis. A caller notices none of it.
 * `dropped` is what was not even tried: Redis is not connected, or too much is under way already.
 */
export const MEMORY_EVENTS = [
  'hit',
  'miss',
  'garbage',
  'read_dropped',
  'read_timeout',
  'read_failed',
  'write_dropped',
  'write_failed',
  'erase_failed',
] as const;

export type MemoryEvent = (typeof MEMORY_EVENTS)[number];

/** The telemetry hook: what the pipeline tells whoever listens. Listeners must be quick and must not throw. */
export interface OutboundListener {
  /** A call ended, also one that was refused before any attempt. */
  callEnded?(call: OutboundCall<unknown>, end: End<unknown>): void;
  /** An attempt that was sent ended; its instance, kind, times and outcome are in it. */
  attemptEnded?(call: OutboundCall<unknown>, attempt: Attempt): void;
  breakerChanged?(source: string, to: BreakerState, from: BreakerState): void;
  /** An instance gets no attempts for so long; it returns without a word. */
  instanceEjected?(source: string, address: string, forMs: number): void;
  instancesChanged?(source: string, change: InstancesChange): void;
  /** Discovery began to fail, while the last list stays; or, without a problem, it works again. */
  discoveryChanged?(source: string, problem: string | undefined): void;
  memory?(source: string, event: MemoryEvent): void;
}

/** Nest's token for the `OutboundListener`s of the process. */
export const OUTBOUND_LISTENERS = Symbol('OUTBOUND_LISTENERS');
