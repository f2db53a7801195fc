import type { SourceName } from '../clients/sources.ts';
import type { SourcePlan } from './contract/dashboard.plan.contract.ts';
import type { Reason } from '../errors/reason.ts';
import { consequenceOf } from '../outbound/failure-policy.ts';
import { CallError } from '../errors/errors.ts';
import type { Fetched } from '../outbound/outbound.interceptor.ts';

/** One source's part of the answer: what came, or what is missing and why. Always data, never an exception. */
export type Section = FreshSection | StaleSection | MissingSection;

/** What a source said: for whoever passes it on as it is, text is cheaper than the value, where there is one. */
export type Data = Pick<Fetched<unknown>, 'value' | 'json'>;

interface SectionBase {
  readonly source: SourceName;
  /** From the arrival of the request, in ms. */
  readonly elapsedMs: number;
  readonly attempts: number;
  /** Only where the caller asked how it came about. */
  readonly plan?: SourcePlan;
}

export interface FreshSection extends SectionBase {
  readonly status: 'fresh';
  readonly data: Data;
  /** Set when it is remembered, and fresh enough not to ask. */
  readonly ageMs?: number;
}

export interface StaleSection extends SectionBase {
  readonly status: 'stale';
  readonly data: Data;
  readonly reason: Reason;
  readonly ageMs: number;
}

export interface MissingSection extends SectionBase {
  readonly status: 'missing';
  readonly reason: Reason;
  readonly message: string;
  readonly retryable: boolean;
  /** Not for the body: when trying again may help, in ms from now. */
  readonly retryAfterMs?: number | undefined;
}

/** What a missing section says to people. No host, port, path or upstream body: only what we know ourselves. */
const MESSAGES: Readonly<Record<Reason, (elapsedMs: number) => string>> = {
  timeout: (elapsedMs) => `no answer within ${Math.round(elapsedMs)} ms`,
  unreachable: () => 'the service could not be reached',
  upstream_error: () => 'the service answered with an error',
  rate_limited: () => 'the service limits how often it may be asked',
  not_found: () => 'the service knows nothing under this id',
  rejected: () => 'the service refused the request',
  invalid_response: () => 'the service answered with something that is not its contract',
  circuit_open: () => 'not asked: the service failed too often lately',
  saturated: () => 'not asked: as many requests to the service as allowed are under way',
  no_instance: () => 'not asked: no instance of the service is known',
  skipped: () => 'not asked: too little time or room was left, or it was no longer needed',
  internal_error: () => 'an error of our own',
};

/** Asking again cannot change these. */
const FINAL: ReadonlySet<Reason> = new Set<Reason>(['not_found', 'rejected', 'internal_error']);

export function present(
  source: SourceName,
  fetched: Fetched<unknown>,
  elapsedMs: number,
  attempts: number,
): Section {
  const { remembered } = fetched;
  if (remembered === undefined)
    return { source, status: 'fresh', data: fetched, elapsedMs, attempts };
  const { ageMs, reason } = remembered;
  return reason === undefined
    ? { source, status: 'fresh', data: fetched, ageMs, elapsedMs, attempts }
    : { source, status: 'stale', data: fetched, reason, ageMs, elapsedMs, attempts };
}

export function missing(
  source: SourceName,
  reason: Reason,
  elapsedMs: number,
  attempts: number,
  retryAfterMs?: number,
): MissingSection {
  const message = MESSAGES[reason](elapsedMs);
  return {
    source,
    status: 'missing',
    reason,
    message,
    retryable: !FINAL.has(reason),
    elapsedMs,
    attempts,
    retryAfterMs,
  };
}

export function missingBecause(
  source: SourceName,
  error: unknown,
  elapsedMs: number,
  attempts: number,
): MissingSection {
  const retryAfterMs = error instanceof CallError ? error.retryAfterMs : undefined;
  return missing(source, consequenceOf(error).reason, elapsedMs, attempts, retryAfterMs);
}
