import {
  Catch,
  HttpException,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { completenessHeaders, toReports } from '../dashboard/dashboard.answer.ts';
import {
  DashboardError,
  DashboardFailedError,
  UserNotFoundError,
  type FailureStatus,
} from '../dashboard/dashboard.errors.ts';
import { BadRequestError, ExplainOffError } from '../dashboard/dashboard.request.ts';
import { headersOfEvery } from './incoming.ts';
import { PROBLEM_CONTENT_TYPE, statusProblem, type Problem, type ProblemKind } from './problem.ts';

const FAILURES: Readonly<Record<FailureStatus, Omit<ProblemKind, 'status'>>> = {
  502: {
    type: '/problems/upstream-failure',
    title: 'A service behind this one failed',
    detail: 'The services asked did not give what the answer cannot do without.',
  },
  503: {
    type: '/problems/upstream-unavailable',
    title: 'Services behind this one are unavailable for now',
    detail: 'The services asked cannot answer for now; trying again later may help.',
  },
  504: {
    type: '/problems/upstream-timeout',
    title: 'Services behind this one did not answer in time',
    detail: 'The services asked did not answer before the deadline.',
  },
};

/** The one table from error to problem: first row that matches. */
function problemOf(error: unknown): ProblemKind {
  if (error instanceof BadRequestError)
    return {
      type: '/problems/bad-request',
      title: 'The request is not valid',
      status: 400,
      detail: error.errors.map(({ field, message }) => `${field} ${message}`).join('; '),
    };
  if (error instanceof ExplainOffError)
    return {
      type: '/problems/explain-off',
      title: 'Plans are not shown here',
      status: 403,
      detail: 'This service does not show how it answers; ask without explain.',
    };
  if (error instanceof UserNotFoundError)
    return {
      type: '/problems/user-not-found',
      title: 'There is no such user',
      status: 404,
      detail: 'The user service knows no user with this id.',
    };
  if (error instanceof DashboardFailedError)
    return { ...FAILURES[error.status], status: error.status };
  const status = httpStatusOf(error);
  return status === undefined
    ? statusProblem(500, 'An error of our own; it has been logged.')
    : statusProblem(status);
}

/** 4xx of Nest and Fastify are the caller's; anything else unknown is our bug. */
function httpStatusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

/** Answers every error as a problem: no stack, no host, no upstream body ever leaves. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const kind = problemOf(error);
    if (
      kind.status >= 500 &&
      !(error instanceof DashboardError) &&
      !(error instanceof HttpException)
    )
      this.logger.error(error, request.id);
    const problem: Problem = { ...kind, instance: pathOf(request.url), requestId: request.id };
    if (error instanceof BadRequestError) problem.errors = [...error.errors];
    if (error instanceof DashboardError) {
      problem.missing = error.sections
        .filter(({ status }) => status === 'missing')
        .map(({ source }) => source);
      problem.sources = toReports(error.sections);
      if (request.dashboard) reply.headers(completenessHeaders(error.sections, request.dashboard));
      reply.header('x-aggregation-complete', 'false');
    }
    if (error instanceof DashboardFailedError && error.status === 503)
      reply.header('retry-after', error.retryAfterSeconds);
    // A URL that the router cannot read has passed no hook: what every answer carries is put on here.
    reply.headers(headersOfEvery(request));
    reply.status(kind.status).header('content-type', PROBLEM_CONTENT_TYPE).send(problem);
  }
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '/';
