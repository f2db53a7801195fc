import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { completenessHeaders, planIn, toReports } from '../../dashboard/dashboard.answer.ts';
import { DashboardError, DashboardFailedError } from '../../dashboard/dashboard.errors.ts';
import type { Section } from '../../dashboard/section.ts';
import { BadRequestError } from '../../dashboard/contract/dashboard.request.ts';
import { AccessError } from '../access/access.errors.ts';
import { headersOfEvery } from '../incoming.ts';
import { expectedProblem } from './problem-table.ts';
import { pathOf, PROBLEM_CONTENT_TYPE, statusProblem, type Problem } from './problem.ts';

const OUR_BUG = statusProblem(500, 'An error of our own; it has been logged.');
const logger = new Logger('ProblemFilter');

/** Answers every error as a problem: no stack, no host, no upstream body ever leaves. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error, request);
    // A URL that the router cannot read has passed no hook: what every answer carries is put on here.
    reply.headers(headersOfEvery(request.id));
    if (error instanceof AccessError) reply.headers(error.headers);
    if (error instanceof DashboardError) {
      request.sections = error.sections;
      reply.headers(headersOf(error, request));
    }
    reply.status(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(problem);
  }
}

/** The problem that an error is, as the whole answer or as the end of a stream; logged where nobody expected it. */
export function problemOf(error: unknown, { id, url }: FastifyRequest): Problem {
  const expected = expectedProblem(error);
  if (expected === undefined) logger.error(error, id);
  return {
    ...(expected ?? OUR_BUG),
    instance: pathOf(url),
    requestId: id,
    ...(error instanceof BadRequestError && { errors: [...error.errors] }),
    ...(error instanceof DashboardError && whatBecameOf(error.sections)),
  };
}

/** Where sources were asked, the problem says what became of each. */
function whatBecameOf(sections: readonly Section[]): Pick<Problem, 'missing' | 'sources' | 'meta'> {
  const { plan } = planIn(sections);
  return {
    missing: sections.filter(({ status }) => status === 'missing').map(({ source }) => source),
    sources: toReports(sections),
    ...(plan !== undefined && { meta: { plan } }),
  };
}

function headersOf(
  error: DashboardError,
  { dashboard }: FastifyRequest,
): Readonly<Record<string, string>> {
  return {
    ...(dashboard !== null && completenessHeaders(error.sections, dashboard)),
    ...(error instanceof DashboardFailedError &&
      error.status === 503 && { 'retry-after': String(error.retryAfterSeconds) }),
  };
}
