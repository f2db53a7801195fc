import { z } from 'zod';
import { SOURCES } from '../../clients/sources.ts';
import { ageMs, DashboardAnswerSchema, elapsedMs, ReasonSchema } from './dashboard.contract.ts';

/** What a stream's events hold: the schemas for the documentation. `event: error` holds a problem. */

const sectionOf = ({ source: { name, schema, about } }: (typeof SOURCES)[number]) =>
  z.object({
    source: z.literal(name),
    status: z.enum(['fresh', 'stale', 'missing']),
    data: z.nullable<z.ZodType>(schema).describe(`${about} Null when missing.`),
    reason: ReasonSchema.optional().describe('Why it is missing or stale.'),
    ageMs: ageMs.optional(),
    elapsedMs,
  });

type SectionSchema = ReturnType<typeof sectionOf>;

export const SectionEventSchema = z
  .discriminatedUnion('source', SOURCES.map(sectionOf) as [SectionSchema, ...SectionSchema[]])
  .meta({ id: 'SectionEvent', description: 'One section, sent the moment it landed.' });

export const CompleteEventSchema = DashboardAnswerSchema.omit({ data: true }).meta({
  id: 'CompleteEvent',
  description:
    'The end of a stream: the answer without the data, which the sections have said already.',
});
