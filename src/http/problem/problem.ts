import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import {
  SourceNameSchema,
  SourceReportsSchema,
} from '../../dashboard/contract/dashboard.contract.ts';
import { PlanSchema } from '../../dashboard/contract/dashboard.plan.contract.ts';

/** Problem details (RFC 9457): the one shape of everything that is not an answer. */

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export const ProblemSchema = z
  .object({
    type: z.string().describe('A stable relative URI such as /problems/upstream-timeout.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The path that was asked.'),
    requestId: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('What is wrong with the request.'),
    missing: z.array(SourceNameSchema).optional(),
    sources: SourceReportsSchema.optional(),
    meta: z.object({ plan: PlanSchema }).optional().describe('With ?explain=true.'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof ProblemSchema>;

/** What a kind of problem says about itself; the filter adds what is known of the request. */
export type ProblemKind = Pick<Problem, 'type' | 'title' | 'status' | 'detail'>;

/** The path that was asked, without the query, and without the host of an absolute-form target. */
export function pathOf(url: string): string {
  const target = url.startsWith('/') ? url : (URL.parse(url)?.pathname ?? '/');
  return target.split('?', 1)[0] ?? '/';
}

/** For what HTTP itself defines and we have nothing to add to: `/problems/method-not-allowed`. */
export function statusProblem(status: number, detail?: string): ProblemKind {
  const title = STATUS_CODES[status] ?? 'Error';
  const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return { type: `/problems/${slug}`, title, status, detail: detail ?? title };
}
