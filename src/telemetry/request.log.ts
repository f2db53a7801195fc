import type { Logger } from 'pino';
import type { Clock } from '../context/clock.ts';
import type {
  RequestEnd,
  RequestListener,
  RequestStatus,
  SectionEnd,
} from '../context/request/request-end.ts';
import { LineBudget } from './line-budget.ts';
import { SparseLines } from './sparse-lines.ts';
import { parseTraceparent } from './tracing/traceparent.ts';

/** Lines a second, where not every request is to have one. */
const PER_SECOND = 100;
/** Between two lines about those who ask too often. */
const QUIET_MS = 10_000;

const TOO_MANY_REQUESTS = 429;

/** How bad it is, and what is said. What was not the caller's doing is for an operator to look at. */
const LINES: Readonly<Record<RequestStatus, readonly ['info' | 'warn', string]>> = {
  success: ['info', 'answer'],
  partial_success: ['warn', 'partial answer'],
  failure: ['warn', 'failure'],
  not_found: ['info', 'no such user'],
  shed: ['info', 'shed'],
  rejected: ['info', 'rejected'],
  cancelled: ['info', 'cancelled by the caller'],
};

/**
 * One line a request that was not a plain success, or a line for every one. Nothing of what the caller or a source said
 * is in it but the request's and the trace's id, whose letters are known.
 */
export class RequestLog implements RequestListener {
  private readonly logger: Logger;
  private readonly all: boolean;
  private readonly budget: LineBudget;
  private readonly limited: SparseLines;

  /** @param all every request has its line, and nothing is left out */
  constructor(logger: Logger, clock: Clock, all: boolean) {
    this.logger = logger;
    this.all = all;
    this.budget = new LineBudget(clock, PER_SECOND, (count) =>
      logger.warn({ count }, 'more requests than lines in the log'),
    );
    this.limited = new SparseLines(clock, QUIET_MS);
  }

  requestEnded(end: RequestEnd): void {
    if (this.all) this.write(end);
    else if (end.statusCode === TOO_MANY_REQUESTS) this.tooMany();
    // The shed are counted by who sheds.
    else if (end.status !== 'success' && end.status !== 'shed' && this.budget.take())
      this.write(end);
  }

  private write(end: RequestEnd): void {
    const [level, message] = LINES[end.status];
    if (this.logger.isLevelEnabled(level)) this.logger[level](fieldsOf(end), message);
  }

  private tooMany(): void {
    const count = this.limited.happened();
    if (count !== undefined) this.logger.info({ count }, 'rate limited');
  }
}

const fieldsOf = ({
  requestId,
  traceparent,
  status,
  statusCode,
  durationMs,
  sections,
}: RequestEnd) => ({
  requestId,
  traceId: parseTraceparent(traceparent)?.traceId,
  status,
  statusCode,
  durationMs: tenths(durationMs),
  sources: sections && Object.fromEntries(sections.map(entryOf)),
});

/** By name: a section holds data as well. */
const entryOf = ({ source, status, reason, elapsedMs, ageMs, attempts }: SectionEnd) =>
  [
    source,
    {
      status,
      reason,
      elapsedMs: tenths(elapsedMs),
      ageMs: ageMs === undefined ? undefined : tenths(ageMs),
      attempts,
    },
  ] as const;

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
