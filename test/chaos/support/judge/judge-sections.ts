import { isDeepStrictEqual } from 'node:util';
import type { SourceName } from '../../../../src/clients/sources.ts';
import type {
  DashboardAnswer,
  SourceReport,
  SourceReports,
} from '../../../../src/dashboard/contract/dashboard.contract.ts';
import type { Reason } from '../../../../src/errors/reason.ts';
import { saidOf } from '../sources/personal-data.ts';
import type { Exchange, Findings, Promises } from './exchange.ts';

/** Clocks of two processes, times that are rounded, and a process that is held up between two looks at its clock. */
const CLOCKS_MS = 20;
/** Reasons that no fault on the way can be a reason for. */
const NEVER: ReadonlySet<Reason> = new Set<Reason>(['internal_error', 'no_instance']);
const FINAL: ReadonlySet<Reason> = new Set<Reason>(['not_found', 'rejected', 'internal_error']);
/** Hosts, ports, paths, and the system's words for what is wrong with them. */
const TELLS_TOO_MUCH = /127\.0\.0\.1|localhost|:\d|\/|\bE[A-Z]{4,}|undici|axios|socket/;

/** What is said of every section. @param withinMs the whole answer came */
export function wrongWithReports(
  reports: SourceReports,
  asked: readonly SourceName[],
  withinMs: number,
  promises: Promises,
): Findings {
  const findings: Findings = [];
  const about = Object.keys(reports);
  if (!isDeepStrictEqual(about, asked)) findings.push(`reports on ${about.join()}`);
  for (const name of asked) {
    const report = reports[name];
    if (report === undefined) continue;
    if (report.elapsedMs > withinMs + 1) findings.push(`${name} came after the whole answer`);
    findings.push(
      ...wrongWithReport(report, promises.staleMs[name], promises.freshMs).map(named(name)),
    );
  }
  return findings;
}

/** What a section says: this user's, whole, and as old as it is said to be. */
export function wrongWithData(
  name: SourceName,
  { planned, sentAt, receivedAt, lateMs }: Exchange,
  { data, sources }: DashboardAnswer,
  { deadlineMs }: Promises,
): Findings {
  const [report, section] = [sources[name], data[name]];
  if (report === undefined || section === undefined) return [`has no ${name}`];
  if (report.status === 'missing') return section === null ? [] : [`${name} is missing and there`];
  if (section === null) return [`${name} is there and null`];
  const { saidAt, whole } = saidOf(name, planned.userId, section);
  if (!isDeepStrictEqual(section, whole))
    return [`${name} is not what its source said of this user: ${JSON.stringify(section)}`];
  // Asked for this request, or for one that was under way and may be joined for as long as one deadline.
  const from = sentAt - (report.ageMs ?? 0) - 2 * deadlineMs - lateMs - CLOCKS_MS;
  const to = receivedAt - (report.ageMs ?? 0) + CLOCKS_MS;
  const isOfThen = saidAt >= from && saidAt <= to;
  return isOfThen ? [] : [`${name} is ${receivedAt - saidAt} ms old, not ${report.ageMs ?? 0} ms`];
}

function wrongWithReport(report: SourceReport, staleMs: number, freshMs: number): Findings {
  const findings: Findings = [];
  const claim = (isTrue: boolean, otherwise: string): void => {
    if (!isTrue) findings.push(otherwise);
  };
  if (report.status === 'fresh') {
    const { ageMs, attempts } = report;
    claim((ageMs === undefined) === attempts > 0, 'is fresh from nowhere');
    claim(
      ageMs === undefined || ageMs <= freshMs + CLOCKS_MS,
      'is remembered for too long to be fresh',
    );
    return findings;
  }
  const { reason } = report;
  claim(!NEVER.has(reason), `is ${report.status} for ${reason}`);
  if (report.status === 'stale') {
    claim(
      report.ageMs <= staleMs + CLOCKS_MS,
      `is ${report.ageMs} ms old where ${staleMs} are allowed`,
    );
    claim(!FINAL.has(reason), `is stale for ${reason}`);
    return findings;
  }
  claim(report.retryable === !FINAL.has(reason), `retryable is wrong for ${reason}`);
  claim(!TELLS_TOO_MUCH.test(report.message), `tells too much: ${report.message}`);
  return findings;
}

const named =
  (name: SourceName) =>
  (finding: string): string =>
    `${name} ${finding}`;
