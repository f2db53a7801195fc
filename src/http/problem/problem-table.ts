import { HttpException } from '@nestjs/common';
import {
  DashboardFailedError,
  UserNotFoundError,
  type FailureStatus,
} from '../../dashboard/dashboard.errors.ts';
import { BadRequestError, ExplainOffError } from '../../dashboard/contract/dashboard.request.ts';
import {
  ForbiddenError,
  KeysUnavailableError,
  RateLimitedError,
  UnauthenticatedError,
} from '../access/access.errors.ts';
import { statusProblem, type ProblemKind } from './problem.ts';

/** The one table from error to problem: the first row that knows the error decides; no row, our bug. */

type Row = (error: unknown) => ProblemKind | undefined;

function row<E>(
  type: abstract new (...args: never[]) => E,
  problem: (error: E) => ProblemKind | undefined,
): Row {
  return (error) => (error instanceof type ? problem(error) : undefined);
}

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

const TABLE: readonly Row[] = [
  row(UnauthenticatedError, ({ message }) => ({
    type: '/problems/unauthenticated',
    title: 'A valid bearer token is needed',
    status: 401,
    detail: `${message[0]?.toUpperCase()}${message.slice(1)}.`,
  })),
  row(ForbiddenError, () => ({
    type: '/problems/forbidden',
    title: 'This token may not read this dashboard',
    status: 403,
    detail: 'The token is of somebody else and may not read every dashboard.',
  })),
  row(KeysUnavailableError, () => ({
    type: '/problems/issuer-unavailable',
    title: 'Tokens cannot be checked for now',
    status: 503,
    detail: "The keys of the tokens' issuer cannot be read; trying again later may help.",
  })),
  row(RateLimitedError, () => ({
    type: '/problems/rate-limited',
    title: 'Too many requests',
    status: 429,
    detail: 'More requests came from this caller than one may send; see Retry-After.',
  })),
  row(BadRequestError, ({ errors }) => ({
    type: '/problems/bad-request',
    title: 'The request is not valid',
    status: 400,
    detail: errors.map(({ field, message }) => `${field} ${message}`).join('; '),
  })),
  row(ExplainOffError, () => ({
    type: '/problems/explain-off',
    title: 'Plans are not shown here',
    status: 403,
    detail: 'This service does not show how it answers; ask without explain.',
  })),
  row(UserNotFoundError, () => ({
    type: '/problems/user-not-found',
    title: 'There is no such user',
    status: 404,
    detail: 'The user service knows no user with this id.',
  })),
  row(DashboardFailedError, ({ status }) => ({ ...FAILURES[status], status })),
  row(HttpException, (error) => statusProblem(error.getStatus())),
  // Fastify's own 4xx (a URL it cannot read, a body too large) are the caller's; its 5xx would be our bug.
  row(Error, (error) => {
    const status = 'statusCode' in error ? error.statusCode : undefined;
    return typeof status === 'number' && status >= 400 && status < 500
      ? statusProblem(status)
      : undefined;
  }),
];

/** Undefined for an error that nobody expected. */
export function expectedProblem(error: unknown): ProblemKind | undefined {
  for (const lookUp of TABLE) {
    const problem = lookUp(error);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
