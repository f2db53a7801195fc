import type { ApiResponseOptions } from '@nestjs/swagger';
// Its schemas are documented by being there.
import './dashboard.stream.contract.ts';

/** What the documentation says of a stream: each is described as the list of what comes. */

type Content = NonNullable<Extract<ApiResponseOptions, { content?: unknown }>['content']>;

/** What the events are called, and the schemas of what they hold. */
const EVENTS = Object.entries({
  section: 'SectionEvent',
  complete: 'CompleteEvent',
  error: 'Problem',
}).map(([name, schema]) => ({ name, holds: { $ref: `#/components/schemas/${schema}` } }));

const SSE_EVENTS = EVENTS.map(({ name, holds }) => ({
  type: 'object',
  properties: {
    event: { const: name },
    data: { type: 'string', contentMediaType: 'application/json', contentSchema: holds },
  },
  required: ['event', 'data'],
}));

const LINES = EVENTS.map(({ name, holds }) => ({
  allOf: [{ type: 'object', properties: { event: { const: name } }, required: ['event'] }, holds],
}));

/** By media type. */
export const STREAMS = {
  'text/event-stream': { schema: { type: 'array', items: { oneOf: SSE_EVENTS } } },
  'application/x-ndjson': { schema: { type: 'array', items: { oneOf: LINES } } },
  // The types know OpenAPI 3.0, which has no contentSchema.
} as Content;
