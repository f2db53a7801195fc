import { applyDecorators } from '@nestjs/common';
import {
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiSecurity,
  type ApiResponseOptions,
} from '@nestjs/swagger';
import { SOURCE_NAMES } from '../../clients/sources.ts';
import { STREAMS } from './dashboard.stream.openapi.ts';

/** What the documentation says of `GET /dashboard/{user_id}`; the schemas themselves are made from the contracts. */

const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

const HEADERS = {
  'X-Request-Id': {
    description: "The caller's own id where it sent a good one.",
    schema: { type: 'string' },
  },
  'X-Aggregation-Complete': {
    description: 'true only when every asked section is fresh. Not on a stream.',
    schema: { type: 'string', pattern: '^(true|false)$' },
  },
  'Server-Timing': {
    description: 'How long each source and the whole took. Not on a stream.',
    schema: { type: 'string' },
  },
} satisfies NonNullable<ApiResponseOptions['headers']>;

const RETRY_AFTER = { 'Retry-After': { schema: { type: 'integer' as const } } };

const RATE_LIMIT = {
  'RateLimit-Policy': {
    description: 'Requests granted (q) in seconds (w); only where the service limits callers.',
    schema: { type: 'string' as const },
  },
  RateLimit: {
    description: 'Requests left (r), and in how many seconds there are more (t).',
    schema: { type: 'string' as const },
  },
};

/** What a status adds to the headers of every answer. */
const ADDED_HEADERS: Readonly<Record<number, NonNullable<ApiResponseOptions['headers']>>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  429: { ...RETRY_AFTER, ...RATE_LIMIT },
  503: RETRY_AFTER,
};

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is not valid; no source was asked.',
  401: 'No bearer token, or not a good one; only where the service asks for them.',
  403: 'A good token of somebody else, or a plan was asked for and this service shows none.',
  404: 'The user service knows no such user.',
  429: 'More requests than one caller may send; only where the service limits them. See Retry-After.',
  500: 'An error of our own.',
  502: 'No section came, or a required one is missing, and not only for lack of time or capacity.',
  503: 'As 502, for reasons that pass: open breakers, full bulkheads, no instance, no time; or the service has too much to do, or no way to check tokens. See Retry-After.',
  504: 'As 502, and every reason is a timeout.',
};

const nameList = {
  schema: {
    type: 'string' as const,
    pattern: `^(${SOURCE_NAMES.join('|')})(,(${SOURCE_NAMES.join('|')}))*$`,
  },
  required: false,
  example: SOURCE_NAMES.slice(0, 2).join(','),
};

const documentedInput = (): readonly MethodDecorator[] => [
  ApiParam({
    name: 'user_id',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-][A-Za-z0-9._~@:-]{0,127}$' },
  }),
  ApiQuery({ name: 'include', description: 'Only these sections.', ...nameList }),
  ApiQuery({
    name: 'require',
    description: 'Fail rather than answer without these.',
    ...nameList,
  }),
  ApiQuery({
    name: 'explain',
    description:
      'Adds meta.plan: how each section came about. 403 where the service shows no plans.',
    schema: { type: 'string', enum: ['true', 'false'] },
    required: false,
  }),
  ApiHeader({
    name: 'x-request-timeout-ms',
    description: "The caller's own deadline; it can only shorten ours.",
    schema: { type: 'integer', minimum: 1 },
  }),
  ApiHeader({
    name: 'x-request-id',
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
  }),
];

export const DocumentedDashboard = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getDashboard',
      summary:
        'Everything about one user that arrives before the deadline, and what is missing and why',
    }),
    // A token, or none: that is up to the service's AUTH_MODE.
    ApiSecurity({ bearer: [] }),
    ApiSecurity({}),
    ...documentedInput(),
    ApiResponse({
      status: 200,
      description:
        'The answer, complete or partial; or, as Accept asks, a stream of its sections that ends with complete or error.',
      headers: { ...HEADERS, ...RATE_LIMIT },
      content: { 'application/json': { schema: ref('DashboardAnswer') }, ...STREAMS },
    }),
    ...Object.keys(PROBLEMS).map((status) => documentedProblem(Number(status))),
  );

const documentedProblem = (status: number): MethodDecorator =>
  ApiResponse({
    status,
    description: PROBLEMS[status] ?? '',
    headers: { ...HEADERS, ...ADDED_HEADERS[status] },
    content: { 'application/problem+json': { schema: ref('Problem') } },
  });
