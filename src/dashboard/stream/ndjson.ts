import type { Encoding } from './events.ts';

/** One object a line. No heartbeat: there are no comments, and not every reader forgives an empty line. */
export const ndjson: Encoding = {
  contentType: 'application/x-ndjson; charset=utf-8',
  encode: (event, data) => `${JSON.stringify({ event, ...data })}\n`,
};
