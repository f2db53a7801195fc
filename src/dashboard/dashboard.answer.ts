import type { RequestContext } from '../context/request/request-context.ts';
import type {
  DashboardAnswer,
  SourceReport,
  SourceReports,
} from './contract/dashboard.contract.ts';
import type { Plan } from './contract/dashboard.plan.contract.ts';
import type { DashboardRequest } from './contract/dashboard.request.ts';
import { planInShort } from './dashboard.plan.ts';
import type { Section } from './section.ts';

/** From sections to what goes over the wire: body and headers. */

export function toAnswer(
  { userId }: DashboardRequest,
  { requestId, deadline }: RequestContext,
  sections: readonly Section[],
): DashboardAnswer {
  const data: Record<string, unknown> = {};
  const missing: Section['source'][] = [];
  const stale: Section['source'][] = [];
  for (const section of sections) {
    data[section.source] = section.status === 'missing' ? null : section.data;
    if (section.status === 'missing') missing.push(section.source);
    if (section.status === 'stale') stale.push(section.source);
  }
  return {
    status: isComplete(sections) ? 'success' : 'partial_success',
    userId,
    data,
    missing,
    stale,
    sources: toReports(sections),
    meta: {
      requestId,
      elapsedMs: Math.round(deadline.elapsedMs()),
      deadlineMs: deadline.totalMs,
      ...planIn(sections),
    },
  };
}

export function toReports(sections: readonly Section[]): SourceReports {
  const reports: SourceReports = {};
  for (const section of sections) reports[section.source] = toReport(section);
  return reports;
}

/** `{ plan }` where the caller asked for it, else nothing. */
export function planIn(sections: readonly Section[]): { plan?: Plan } {
  if (!sections.some(({ plan }) => plan !== undefined)) return {};
  return { plan: Object.fromEntries(sections.map(({ source, plan }) => [source, plan])) as Plan };
}

export const isComplete = (sections: readonly Section[]): boolean =>
  sections.every(({ status }) => status === 'fresh');

/** The headers that say in short what the body says in full; on answers and on problems alike. */
export function completenessHeaders(
  sections: readonly Section[],
  { deadline }: RequestContext,
): { 'x-aggregation-complete': string; 'server-timing': string } {
  let timing = '';
  for (const section of sections)
    timing += `${section.source};dur=${section.elapsedMs.toFixed(1)};desc="${describe(section)}", `;
  return {
    'x-aggregation-complete': String(isComplete(sections)),
    'server-timing': `${timing}total;dur=${deadline.elapsedMs().toFixed(1)}`,
  };
}

function toReport(section: Section): SourceReport {
  const { attempts } = section;
  const elapsedMs = Math.round(section.elapsedMs);
  switch (section.status) {
    case 'fresh': {
      const { ageMs } = section;
      return {
        status: 'fresh',
        ...(ageMs !== undefined && { ageMs: Math.round(ageMs) }),
        elapsedMs,
        attempts,
      };
    }
    case 'stale': {
      const { reason, ageMs } = section;
      return { status: 'stale', reason, ageMs: Math.round(ageMs), elapsedMs, attempts };
    }
    case 'missing': {
      const { reason, message, retryable } = section;
      return { status: 'missing', reason, message, retryable, elapsedMs, attempts };
    }
    default:
      return section satisfies never;
  }
}

function describe(section: Section): string {
  const outcome = section.status === 'missing' ? section.reason : section.status;
  return section.plan === undefined ? outcome : `${outcome}: ${planInShort(section.plan)}`;
}
