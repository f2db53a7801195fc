import { isDeepStrictEqual } from 'node:util';
import type { SourceName } from '../../../../src/clients/sources.ts';
import type { DashboardAnswer } from '../../../../src/dashboard/contract/dashboard.contract.ts';
import { UNKNOWN } from '../sources/personal-data.ts';
import { wrongWithData, wrongWithReports } from './judge-sections.ts';
import { askedOf, type Exchange, type Findings, type Promises } from './exchange.ts';

/** An answer: its parts agree with each other, with what was asked, and with what the sources have said. */
export function wrongWithAnswer(
  exchange: Exchange,
  answer: DashboardAnswer,
  promises: Promises,
): Findings {
  const { planned, response, requestId } = exchange;
  const asked = askedOf(planned);
  const missing = asked.filter((name) => answer.sources[name]?.status === 'missing');
  const stale = asked.filter((name) => answer.sources[name]?.status === 'stale');
  const isComplete = missing.length + stale.length === 0;
  const findings = wrongWithReports(answer.sources, asked, answer.meta.elapsedMs, promises);
  const same = (what: string, is: unknown, should: unknown): void => {
    if (!isDeepStrictEqual(is, should))
      findings.push(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  same('userId', answer.userId, planned.userId);
  same('meta.requestId', answer.meta.requestId, requestId);
  same('data has keys and its list', Object.keys(answer.data), asked);
  same('missing', answer.missing, missing);
  same('stale', answer.stale, stale);
  same('status', answer.status, isComplete ? 'success' : 'partial_success');
  same('x-aggregation-complete', response.headers['x-aggregation-complete'], `${isComplete}`);
  same('cache-control', response.headers['cache-control'], cacheControl(isComplete));
  same('server-timing', timingsOf(exchange), [
    ...asked.map((name) => `${name} ${wordFor(answer, name)}`),
    'total',
  ]);
  if (missing.length === asked.length) findings.push('is an answer without any section');
  for (const name of planned.require)
    if (missing.includes(name)) findings.push(`is an answer without ${name}, which is required`);
  if (planned.userId.startsWith(UNKNOWN) && asked.includes('user')) {
    if (!missing.includes('user')) findings.push('knows a user who does not exist');
    if (reasonOf(answer, 'user') === 'not_found') findings.push('should have been a 404');
  }
  for (const name of asked) findings.push(...wrongWithData(name, exchange, answer, promises));
  return findings;
}

const cacheControl = (isComplete: boolean): string =>
  isComplete ? 'private, no-cache' : 'private, no-store';

const reasonOf = (answer: DashboardAnswer, name: SourceName): string | undefined => {
  const report = answer.sources[name];
  return report?.status === 'missing' ? report.reason : undefined;
};

const wordFor = (answer: DashboardAnswer, name: SourceName): string =>
  reasonOf(answer, name) ?? answer.sources[name]?.status ?? 'nothing';

/** `user fresh`, …, `total`. */
function timingsOf({ response }: Exchange): readonly string[] {
  const header = String(response.headers['server-timing']);
  return header.split(', ').map((entry) => {
    const [, name, word] = /^(\w+);dur=\d+\.\d(?:;desc="(\w+)")?$/.exec(entry) ?? [];
    return word === undefined ? (name ?? entry) : `${name} ${word}`;
  });
}
