import { z } from 'zod';
import { SOURCE_NAMES, type SourceName } from '../../clients/sources.ts';
import { flat } from '../../context/flat.ts';

/** What a caller may ask: schemas for the id, the query and the headers. What they reject never reaches a source. */

const USER_ID = /^[A-Za-z0-9_-][A-Za-z0-9._~@:-]{0,127}$/;

export const UserIdSchema = z
  .string()
  .regex(
    USER_ID,
    'must be 1–128 characters of A–Z a–z 0–9 . _ ~ @ : -, not beginning with . ~ @ :',
  );

const known: ReadonlySet<string> = new Set(SOURCE_NAMES);

/** `user,orders`: names may repeat, order does not matter, none may be empty or unknown. */
const NameListSchema = z
  .string({ error: 'must be given once' })
  .transform((list) => list.split(','))
  .refine((list) => list.every((name) => known.has(name)), {
    error: `must be a comma-separated list of ${SOURCE_NAMES.join(', ')}`,
    // What compares two lists below is not to see one that is none.
    abort: true,
  })
  .transform((list) => new Set(list as SourceName[]));

export const QuerySchema = z
  .object({
    include: NameListSchema.optional(),
    require: NameListSchema.optional(),
    explain: z.enum(['true', 'false'], { error: 'must be true or false, given once' }).optional(),
  })
  .refine(
    ({ include, require }) =>
      include === undefined || require === undefined || require.isSubsetOf(include),
    {
      path: ['require'],
      error: 'must be among the included ones',
    },
  );

/** A caller's own deadline, in ms. */
export const TimeoutHeaderSchema = z
  .string()
  .regex(/^0*[1-9]\d*$/, 'must be a positive whole number of ms')
  .transform(Number);

/** A checked request. */
export interface DashboardRequest {
  readonly userId: string;
  /** In the order of the list of sources. */
  readonly asked: readonly SourceName[];
  /** Sections the caller cannot do without. */
  readonly required: ReadonlySet<SourceName>;
  /** Whether the answer is to say how it came about. */
  readonly explains: boolean;
}

/** One thing that is wrong with a request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The request is at fault: no source is asked. */
export class BadRequestError extends Error {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super('the request is not valid');
    this.errors = errors;
  }
}

/** The caller asked for a plan, which this service does not show. */
export class ExplainOffError extends Error {}

interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly timeoutHeader: string | undefined;
  /** Whether this service shows plans at all. */
  readonly mayExplain: boolean;
}

interface Parsed {
  readonly asked: DashboardRequest;
  readonly timeoutMs: number;
}

/** @throws BadRequestError with everything that is wrong · ExplainOffError */
export function parseDashboardRequest(raw: RawRequest): Parsed {
  const { user_id: userId } = raw.params as { user_id?: unknown };
  // What nearly everybody sends: found good without zod.
  return isUserId(userId) && raw.timeoutHeader === undefined && isEmpty(raw.query)
    ? { asked: everythingOf(userId), timeoutMs: Infinity }
    : checked(userId, raw);
}

function checked(userId: unknown, { query: given, timeoutHeader, mayExplain }: RawRequest): Parsed {
  const errors: FieldError[] = [];
  const check = <T>(
    field: string | undefined,
    schema: z.ZodType<T>,
    value: unknown,
  ): T | undefined => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues)
      errors.push({ field: field ?? path.join('.'), message });
    return undefined;
  };
  const id = check('user_id', UserIdSchema, userId);
  const query = check(undefined, QuerySchema, given);
  const timeoutMs =
    timeoutHeader === undefined
      ? Infinity
      : check('x-request-timeout-ms', TimeoutHeaderSchema, timeoutHeader);
  if (id === undefined || query === undefined || timeoutMs === undefined)
    throw new BadRequestError(errors);
  const explains = query.explain === 'true';
  if (explains && !mayExplain) throw new ExplainOffError();
  const { include, require } = query;
  return {
    asked: {
      // The router cut it out of the URL.
      userId: flat(id),
      asked:
        include === undefined ? SOURCE_NAMES : SOURCE_NAMES.filter((name) => include.has(name)),
      required: require ?? NONE,
      explains,
    },
    timeoutMs,
  };
}

const NONE: ReadonlySet<SourceName> = new Set();

const everythingOf = (userId: string): DashboardRequest => ({
  userId: flat(userId),
  asked: SOURCE_NAMES,
  required: NONE,
  explains: false,
});

const isUserId = (given: unknown): given is string =>
  typeof given === 'string' && USER_ID.test(given);

function isEmpty(query: unknown): boolean {
  for (const _name in query as object) return false;
  return true;
}
