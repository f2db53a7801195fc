import { z } from 'zod';

/** What can be made to go wrong with a demo source, set with `PUT /faults` and put right with `DELETE /faults`. */

/** How an answer can be wrong, beyond late or refused. One at a time. */
export const BAD_ANSWERS = [
  'none',
  /** 200, and not JSON at all. */
  'bad_json',
  /** 200 and JSON, and not the contract. */
  'wrong_schema',
  /** Headers at once, then a byte every 100 ms. */
  'drip',
  /** Takes the request and never answers. */
  'hang',
  /** Closes the connection before any byte of the answer. */
  'refuse',
  /** Promises a length and closes half-way. */
  'cut_short',
  /** A redirect to somewhere else. */
  'redirect',
  /** Far more than anybody asked for. */
  'oversized',
  /** A gzip body, although identity was asked for. */
  'compressed',
  /** Bytes that are not HTTP. */
  'garbage',
  /** 204, which says nothing. */
  'no_content',
] as const;

export type BadAnswer = (typeof BAD_ANSWERS)[number];

const ms = z.int().min(0).max(600_000);

export const FaultsSchema = z.strictObject({
  /** Added to every answer. */
  latencyMs: ms.default(0),
  /** At most this much more, at random. */
  jitterMs: ms.default(0),
  /** Share of answers that are `errorStatus`. */
  errorRate: z.number().min(0).max(1).default(0),
  errorStatus: z.int().min(400).max(599).default(500),
  /** Sent with an error, in seconds. */
  retryAfter: z.int().min(0).optional(),
  badAnswer: z.enum(BAD_ANSWERS).default('none'),
});

export type Faults = z.infer<typeof FaultsSchema>;

export const NO_FAULTS: Faults = FaultsSchema.parse({});
