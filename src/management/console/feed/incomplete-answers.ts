import type { RequestEnd, SectionEnd } from '../../../context/request/request-end.ts';
import type { AnswerSection, IncompleteAnswer } from '../console.contract.ts';
import { Latest } from './latest.ts';

/** As many as the page shows. */
const KEPT = 50;
/** With everything failing there are thousands a second: so many of them say as much. */
const MOST_A_SECOND = 10;

/** The last answers that were not complete, with what was missing and why, and never whose they were. */
export class IncompleteAnswers {
  private readonly latest = new Latest<IncompleteAnswer>(KEPT);
  private fresh: IncompleteAnswer[] = [];

  get list(): readonly IncompleteAnswer[] {
    return this.latest.list;
  }

  /** @param at in ms since 1970 */
  add(end: RequestEnd, at: number): void {
    const { status, statusCode, requestId, durationMs, sections } = end;
    if (status !== 'partial_success' && status !== 'failure') return;
    if (sections === undefined || this.fresh.length >= MOST_A_SECOND) return;
    const answer: IncompleteAnswer = {
      at,
      requestId,
      status,
      statusCode,
      durationMs: rounded(durationMs),
      sections: sections.map(told),
    };
    this.fresh.push(answer);
    this.latest.add(answer);
  }

  /** Those that came since the last time. */
  take(): readonly IncompleteAnswer[] {
    const { fresh } = this;
    if (fresh.length > 0) this.fresh = [];
    return fresh;
  }
}

/** Member by member: the section itself holds the data of somebody. */
const told = (section: SectionEnd): AnswerSection => ({
  source: section.source,
  status: section.status,
  reason: section.reason ?? null,
  elapsedMs: rounded(section.elapsedMs),
  ageMs: section.ageMs === undefined ? null : Math.round(section.ageMs),
  attempts: section.attempts,
  plan: section.plan ?? null,
});

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
