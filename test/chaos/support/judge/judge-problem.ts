import { isDeepStrictEqual } from 'node:util';
import type { SourceName } from '../../../../src/clients/sources.ts';
import type { SourceReports } from '../../../../src/dashboard/contract/dashboard.contract.ts';
import type { Reason } from '../../../../src/errors/reason.ts';
import type { Problem } from '../../../../src/http/problem/problem.ts';
import { UNKNOWN } from '../sources/personal-data.ts';
import { wrongWithReports } from './judge-sections.ts';
import { askedOf, type Exchange, type Findings, type Promises } from './exchange.ts';

const TYPES: Readonly<Record<number, string>> = {
  404: '/problems/user-not-found',
  502: '/problems/upstream-failure',
  503: '/problems/upstream-unavailable',
  504: '/problems/upstream-timeout',
};
const LATER_MAY_HELP: ReadonlySet<Reason> = new Set<Reason>([
  'circuit_open',
  'saturated',
  'no_instance',
  'skipped',
  'rate_limited',
]);

/** A problem: there really was nothing to answer with, and its status follows from the reasons. */
export function wrongWithProblem(
  exchange: Exchange,
  problem: Problem,
  promises: Promises,
): Findings {
  const { planned, response, requestId } = exchange;
  const asked = askedOf(planned);
  const findings: Findings = [];
  const same = (what: string, is: unknown, should: unknown): void => {
    if (!isDeepStrictEqual(is, should))
      findings.push(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  same('type', problem.type, TYPES[response.status] ?? 'that of an expected problem');
  same('status', problem.status, response.status);
  same('requestId', problem.requestId, requestId);
  same('instance', problem.instance, `/dashboard/${encodeURIComponent(planned.userId)}`);
  same('cache-control', response.headers['cache-control'], 'private, no-store');
  if (problem.sources === undefined)
    return [...findings, 'does not say what became of the sources'];
  const { sources } = problem;
  findings.push(...wrongWithReports(sources, asked, response.elapsedMs, promises));
  const missing = asked.filter((name) => sources[name]?.status === 'missing');
  same('missing', problem.missing, missing);
  same('x-aggregation-complete', response.headers['x-aggregation-complete'], 'false');
  if (response.status === 404) return [...findings, ...wrongWithNotFound(exchange, sources)];
  const required = missing.filter((name) => planned.require.includes(name));
  if (required.length === 0 && missing.length < asked.length)
    findings.push('is a problem although there was something to answer with');
  const decisive = (required.length > 0 ? required : missing).map((name) =>
    reasonIn(sources, name),
  );
  same('status', response.status, statusFor(decisive));
  const retryAfter = Number(response.headers['retry-after'] ?? 0);
  if (response.status === 503 && !(retryAfter >= 1 && retryAfter <= 30))
    findings.push(`says retry-after: ${retryAfter}`);
  return findings;
}

function wrongWithNotFound({ planned }: Exchange, sources: SourceReports): Findings {
  const findings: Findings = [];
  if (!planned.userId.startsWith(UNKNOWN)) findings.push('does not know a user who exists');
  if (reasonIn(sources, 'user') !== 'not_found')
    findings.push('is a 404 and nobody said that there is no such user');
  return findings;
}

function statusFor(decisive: readonly (Reason | undefined)[]): number {
  if (decisive.every((reason) => reason === 'timeout')) return 504;
  const isPassing = (reason: Reason | undefined): boolean =>
    reason === 'timeout' || (reason !== undefined && LATER_MAY_HELP.has(reason));
  return decisive.every(isPassing) ? 503 : 502;
}

const reasonIn = (sources: SourceReports, name: SourceName): Reason | undefined => {
  const report = sources[name];
  return report?.status === 'missing' ? report.reason : undefined;
};
