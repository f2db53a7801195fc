import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { completenessHeaders, planIn, toReports } from '../../dashboard/dashboard.answer.ts';
import { DashboardError, DashboardFailedError } from '../../dashboard/dashboard.errors.ts';
import { BadRequestError } from '../../dashboard/contract/dashboard.request.ts';
import { AccessError } from '../access/access.errors.ts';
import { headersOfEvery } from '../incoming.ts';
import { expectedProblem } from './problem-table.ts';
import { pathOf, PROBLEM_CONTENT_TYPE, statusProblem, type Problem } from './problem.ts';

const OUR_BUG = statusProblem(500, 'An error of our own; it has been logged.');

/** Answers every error as a problem: no stack, no host, no upstream body ever leaves. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const expected = expectedProblem(error);
    if (expected === undefined) this.logger.error(error, request.id);
    const problem: Problem = {
      ...(expected ?? OUR_BUG),
      instance: pathOf(request.url),
      requestId: request.id,
    };
    // A URL that the router cannot read has passed no hook: what every answer carries is put on here.
    reply.headers(headersOfEvery(request.id));
    if (error instanceof AccessError) reply.headers(error.headers);
    if (error instanceof BadRequestError) problem.errors = [...error.errors];
    if (error instanceof DashboardError) addSections(error, problem, request, reply);
    reply.status(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(problem);
  }
}

/** Where sources were asked, the problem says what became of each. */
function addSections(
  error: DashboardError,
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { sections } = error;
  const { dashboard } = request;
  request.sections = sections;
  problem.missing = sections
    .filter(({ status }) => status === 'missing')
    .map(({ source }) => source);
  problem.sources = toReports(sections);
  const { plan } = planIn(sections);
  if (plan !== undefined) problem.meta = { plan };
  if (dashboard !== null) reply.headers(completenessHeaders(sections, dashboard));
  if (error instanceof DashboardFailedError && error.status === 503)
    reply.header('retry-after', error.retryAfterSeconds);
}
