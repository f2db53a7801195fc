import { z } from 'zod';
import { SOURCES, type SourceName } from '../../clients/sources.ts';
import { REASONS } from '../../errors/reason.ts';
import { PlanSchema } from './dashboard.plan.contract.ts';

/** What the front end is promised: the schemas of the answer, from which types and OpenAPI are made. */

const names = SOURCES.map(({ source }) => source.name) as [SourceName, ...SourceName[]];

export const SourceNameSchema = z.enum(names).meta({ id: 'SourceName' });
export const ReasonSchema = z.enum(REASONS).meta({
  id: 'Reason',
  description: 'Why a section is missing or stale.',
});

export const elapsedMs = z.int().min(0).describe('From the arrival of the request, in ms.');
const attempts = z.int().min(0).describe('HTTP tries that were sent.');
export const ageMs = z.int().min(0).describe('Age of the data, in ms.');

export const SourceReportSchema = z
  .discriminatedUnion('status', [
    z.object({ status: z.literal('fresh'), elapsedMs, attempts, ageMs: ageMs.optional() }),
    z.object({ status: z.literal('stale'), reason: ReasonSchema, ageMs, elapsedMs, attempts }),
    z.object({
      status: z.literal('missing'),
      reason: ReasonSchema,
      message: z.string(),
      retryable: z.boolean(),
      elapsedMs,
      attempts,
    }),
  ])
  .meta({ id: 'SourceReport' });

export const SourceReportsSchema = z.partialRecord(SourceNameSchema, SourceReportSchema);

const data = Object.fromEntries(
  SOURCES.map(({ source }) => [
    source.name,
    z
      .nullable(source.schema)
      .optional()
      .describe(`${source.about} Null when missing, absent when not asked.`),
  ]),
) as {
  [C in (typeof SOURCES)[number] as C['source']['name']]: z.ZodOptional<
    z.ZodNullable<C['source']['schema']>
  >;
};

export const DashboardAnswerSchema = z
  .object({
    status: z
      .enum(['success', 'partial_success'])
      .describe('success: every asked section is fresh.'),
    userId: z.string(),
    data: z.object(data),
    missing: z.array(SourceNameSchema),
    stale: z.array(SourceNameSchema),
    sources: SourceReportsSchema,
    meta: z.object({
      requestId: z.string(),
      elapsedMs,
      deadlineMs: z.int().min(1),
      plan: PlanSchema.optional().describe('With ?explain=true.'),
    }),
  })
  .meta({ id: 'DashboardAnswer' });

export type DashboardAnswer = z.infer<typeof DashboardAnswerSchema>;
export type SourceReport = z.infer<typeof SourceReportSchema>;
export type SourceReports = z.infer<typeof SourceReportsSchema>;
