import type { AnswerSection, IncompleteAnswer, Plan } from '../console.contract.ts';
import { ms } from './format.ts';
import { BREAKER_WORDS, reasonInWords } from './words.ts';

/** A plan as a timeline: where each bar lies between the arrival of the request and the end of the scale. */

export interface Bar {
  readonly kind: 'queue' | 'first' | 'retry' | 'hedge' | 'section';
  /** Whether its answer was taken. */
  readonly isWinner: boolean;
  readonly isBad: boolean;
  /** Shares of the scale, 0–1. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface Row {
  readonly source: string;
  readonly status: AnswerSection['status'];
  /** What became of the section. */
  readonly outcome: string;
  /** What else there is to know of how it came about. */
  readonly notes: readonly string[];
  readonly bars: readonly Bar[];
}

export interface Timeline {
  /** The end of the scale, in ms. */
  readonly endMs: number;
  /** Where the deadline lies on the scale, 0–1. */
  readonly deadlineAt: number;
  readonly rows: readonly Row[];
}

export function timelineOf(answer: IncompleteAnswer, deadlineMs: number): Timeline {
  const endMs = Math.max(deadlineMs, answer.durationMs);
  const rows = answer.sections.map((section) => ({
    source: section.source,
    status: section.status,
    outcome: outcomeOf(section),
    notes: section.plan === null ? [] : notesOf(section.plan),
    bars:
      section.plan === null ? [sectionBar(section, endMs)] : barsOf(section.plan, section, endMs),
  }));
  return { endMs, deadlineAt: deadlineMs / endMs, rows };
}

/** `stale, 4.2 s old: circuit open: not asked`, in words. */
export function outcomeOf({ status, reason, ageMs, elapsedMs }: AnswerSection): string {
  if (status === 'fresh') return `fresh after ${ms(elapsedMs)}`;
  const age = ageMs === null ? '' : `, ${ms(ageMs)} old`;
  return `${status}${age}: ${reasonInWords(reason)}`;
}

function barsOf(plan: Plan, section: AnswerSection, endMs: number): readonly Bar[] {
  const first = plan.attempts[0];
  // Queueing is not an attempt's part in the plan: what is known is how long, and that it came before the first.
  const queueEnd = first === undefined ? section.elapsedMs : Math.max(0, first.startMs);
  const queue: readonly Bar[] =
    plan.queuedMs > 0
      ? [
          {
            kind: 'queue',
            isWinner: false,
            isBad: false,
            ...place(Math.max(0, queueEnd - plan.queuedMs), queueEnd, endMs),
            text: `waited ${ms(plan.queuedMs)} for a permit`,
          },
        ]
      : [];
  return [
    ...queue,
    ...plan.attempts.map(({ kind, instance, startMs, endMs: over, outcome }) => ({
      kind,
      isWinner: outcome === 'ok',
      isBad: outcome !== 'ok' && outcome !== 'cancelled',
      ...place(startMs, over, endMs),
      text: `${kind} to ${instance}: ${outcome} after ${ms(over - startMs)}`,
    })),
  ];
}

function sectionBar(section: AnswerSection, endMs: number): Bar {
  return {
    kind: 'section',
    isWinner: section.status === 'fresh',
    isBad: section.status === 'missing',
    ...place(0, section.elapsedMs, endMs),
    text: `${section.attempts} attempt${section.attempts === 1 ? '' : 's'} in ${ms(section.elapsedMs)}`,
  };
}

function notesOf({ cache, coalesced, breaker, attempts }: Plan): readonly string[] {
  return [
    ...(cache === 'hit' ? ['remembered, and fresh enough not to ask'] : []),
    ...(cache === 'stale' ? ['the last good answer stood in'] : []),
    ...(coalesced ? ['joined a call that was under way'] : []),
    ...(breaker === 'closed' ? [] : [`circuit ${BREAKER_WORDS[breaker]}`]),
    ...(attempts.length === 0 && cache !== 'hit' ? ['nothing was sent'] : []),
  ];
}

const place = (startMs: number, overMs: number, endMs: number): Pick<Bar, 'from' | 'to'> => ({
  from: share(startMs, endMs),
  to: share(overMs, endMs),
});

const share = (at: number, endMs: number): number => Math.min(1, Math.max(0, at / endMs));
