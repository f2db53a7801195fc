import { z } from 'zod';
import { SOURCE_NAMES, type SourceName } from '../../clients/sources.ts';
import { REASONS } from '../../errors/reason.ts';

/** What `?explain=true` adds: how each section came about. */

const ms = z.number().describe('From the arrival of the request, in ms.');

const AttemptPlanSchema = z
  .object({
    number: z.int().min(1),
    kind: z.enum(['first', 'retry', 'hedge']),
    instance: z.string().describe('host:port'),
    startMs: ms.describe(
      'From the arrival of the request, in ms; negative for a shared call that was under way already.',
    ),
    endMs: ms,
    outcome: z.enum(['ok', ...REASONS, 'cancelled']),
  })
  .meta({ id: 'AttemptPlan' });

const SourcePlanSchema = z
  .object({
    cache: z
      .enum(['miss', 'hit', 'stale'])
      .describe('hit: remembered and fresh enough not to ask; stale: stood in for a failure.'),
    coalesced: z.boolean().describe('Whether it joined an identical call that was under way.'),
    queuedMs: z.number().min(0).describe('Waited for permits.'),
    breaker: z.enum(['closed', 'open', 'half_open']).describe('As the call found it.'),
    attempts: z.array(AttemptPlanSchema),
  })
  .meta({ id: 'SourcePlan' });

export const PlanSchema = z.partialRecord(
  z.enum(SOURCE_NAMES as [SourceName, ...SourceName[]]),
  SourcePlanSchema,
);

export type AttemptPlan = z.infer<typeof AttemptPlanSchema>;
export type SourcePlan = z.infer<typeof SourcePlanSchema>;
export type Plan = z.infer<typeof PlanSchema>;
