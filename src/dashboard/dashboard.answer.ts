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

/** The answer without its data: what a stream ends with. */
export type Completion = Omit<DashboardAnswer, 'data'>;

/** A `DashboardAnswer` in JSON. What the sources said is not written anew where it is known how it is written. */
export function toJson(
  request: DashboardRequest,
  context: RequestContext,
  sections: readonly Section[],
): string {
  const { status, userId, ...rest } = toCompletion(request, context, sections);
  let data = '';
  for (const section of sections)
    data += `${data === '' ? '' : ','}"${section.source}":${dataOf(section)}`;
  return `${JSON.stringify({ status, userId }).slice(0, -1)},"data":{${data}},${JSON.stringify(rest).slice(1)}`;
}

export function toCompletion(
  { userId }: DashboardRequest,
  { requestId, deadline }: RequestContext,
  sections: readonly Section[],
): Completion {
  const missing: Section['source'][] = [];
  const stale: Section['source'][] = [];
  for (const { status, source } of sections) {
    if (status === 'missing') missing.push(source);
    if (status === 'stale') stale.push(source);
  }
  return {
    status: isComplete(sections) ? 'success' : 'partial_success',
    userId,
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

function dataOf(section: Section): string {
  if (section.status === 'missing') return 'null';
  const { data } = section;
  return data.json ?? JSON.stringify(data.value);
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
