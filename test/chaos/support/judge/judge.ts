import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { DashboardAnswerSchema } from '../../../../src/dashboard/contract/dashboard.contract.ts';
import { ProblemSchema } from '../../../../src/http/problem/problem.ts';
import type { Response } from '../../../support/service.ts';
import type { Exchange, Findings, Promises } from './exchange.ts';
import { wrongWithAnswer } from './judge-answer.ts';
import { wrongWithProblem } from './judge-problem.ts';

/** Says what is wrong with an answer, by what was promised and by what the source has said: nothing, if it is honest. */

/** A machine with two busy cores is late by that much, callers included, also where it was not this process that was late. */
const ALLOWANCE_MS = 250;
/** What the service says of itself has not been on its way anywhere. */
const OWN_ALLOWANCE_MS = 100;

export function wrongWith(exchange: Exchange, promises: Promises): Findings {
  const { planned, response, lateMs } = exchange;
  const limitMs = Math.min(promises.deadlineMs, planned.timeoutMs ?? Infinity);
  const findings: Findings = [];
  if (response.elapsedMs > limitMs + lateMs + ALLOWANCE_MS)
    findings.push(
      `took ${Math.round(response.elapsedMs)} ms, ${Math.round(lateMs)} of them late, where ${limitMs} ms were promised`,
    );
  if (response.headers['x-request-id'] !== exchange.requestId) findings.push('has another id');
  if (response.text.includes('never to be seen')) findings.push('says what is not in the contract');
  if (response.status === 200) {
    const answer = read(DashboardAnswerSchema, 'application/json', response, findings);
    if (answer === undefined) return findings;
    if (answer.meta.deadlineMs !== limitMs) findings.push('names another deadline');
    if (answer.meta.elapsedMs > limitMs + lateMs + OWN_ALLOWANCE_MS)
      findings.push(`says that it took ${answer.meta.elapsedMs} of ${limitMs} ms`);
    return [...findings, ...wrongWithAnswer(exchange, answer, promises)];
  }
  const problem = read(ProblemSchema, 'application/problem+json', response, findings);
  if (problem === undefined) return findings;
  return [...findings, ...wrongWithProblem(exchange, problem, promises)];
}

/** The body, if it is what the schema says and nothing else. */
function read<T>(
  schema: z.ZodType<T>,
  contentType: string,
  { headers, text }: Response,
  findings: Findings,
): T | undefined {
  if (headers['content-type']?.split(';')[0] !== contentType)
    findings.push(`is said to be ${headers['content-type']}`);
  try {
    const body: unknown = JSON.parse(text);
    const parsed = schema.safeParse(body);
    if (!parsed.success) findings.push(`is not what it should be: ${parsed.error.message}`);
    else if (!isDeepStrictEqual(parsed.data, body)) findings.push('says more than it should');
    return parsed.data;
  } catch {
    findings.push('is not JSON');
    return undefined;
  }
}
