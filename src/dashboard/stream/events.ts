import type { SourceName } from '../../clients/sources.ts';
import type { Reason } from '../../errors/reason.ts';
import type { Section } from '../section.ts';

/** What a stream is made of, and how it is written down: a name and an object each. */

export type EventName = 'section' | 'complete' | 'error';

/** One way to write events as text. */
export interface Encoding {
  readonly contentType: string;
  encode(event: EventName, data: object): string;
  /** Says nothing, so that nobody on the way takes the connection for dead; absent where there is no way to say it. */
  readonly heartbeat?: string;
}

/** `event: section`; its schema is in the contract. */
export interface SectionEvent {
  readonly source: SourceName;
  readonly status: Section['status'];
  /** Null where it is missing. */
  readonly data: unknown;
  readonly reason?: Reason;
  readonly ageMs?: number;
  readonly elapsedMs: number;
}

export function sectionEvent(section: Section): SectionEvent {
  const { source, status } = section;
  const elapsedMs = Math.round(section.elapsedMs);
  if (status === 'missing')
    return { source, status, data: null, reason: section.reason, elapsedMs };
  const { data, ageMs } = section;
  return {
    source,
    status,
    data: data.value,
    ...(status === 'stale' && { reason: section.reason }),
    ...(ageMs !== undefined && { ageMs: Math.round(ageMs) }),
    elapsedMs,
  };
}
