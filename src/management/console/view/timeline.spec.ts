import { describe, expect, it } from '@jest/globals';
import type { AnswerSection, IncompleteAnswer, Plan } from '../console.contract.ts';
import { outcomeOf, timelineOf } from './timeline.ts';

const section = (over: Partial<AnswerSection> = {}): AnswerSection => ({
  source: 'orders',
  status: 'fresh',
  reason: null,
  elapsedMs: 750,
  ageMs: null,
  attempts: 1,
  plan: null,
  ...over,
});

const plan = (over: Partial<Plan> = {}): Plan => ({
  cache: 'miss',
  coalesced: false,
  queuedMs: 0,
  breaker: 'closed',
  attempts: [],
  ...over,
});

const answer = (...sections: AnswerSection[]): IncompleteAnswer => ({
  at: 0,
  requestId: 'r',
  status: 'partial_success',
  statusCode: 200,
  durationMs: 1440,
  sections,
});

describe('a timeline', () => {
  it('has a bar a section where nobody asked for the plan', () => {
    const { endMs, deadlineAt, rows } = timelineOf(answer(section()), 1500);
    expect({ endMs, deadlineAt }).toEqual({ endMs: 1500, deadlineAt: 1 });
    expect(rows[0]?.bars).toMatchObject([{ kind: 'section', from: 0, to: 0.5, isWinner: true }]);
  });

  it('shows the wait for a permit, every attempt, the hedge, and who won', () => {
    const attempts: Plan['attempts'] = [
      { number: 1, kind: 'first', instance: 'a:1', startMs: 150, endMs: 900, outcome: 'timeout' },
      { number: 2, kind: 'hedge', instance: 'b:1', startMs: 450, endMs: 750, outcome: 'ok' },
      { number: 3, kind: 'retry', instance: 'c:1', startMs: 600, endMs: 750, outcome: 'cancelled' },
    ];
    const withPlan = section({ plan: plan({ queuedMs: 75, attempts }) });
    const [row] = timelineOf(answer(withPlan), 1500).rows;
    expect(row?.bars.map(({ text: _text, ...bar }) => bar)).toEqual([
      { kind: 'queue', from: 0.05, to: 0.1, isWinner: false, isBad: false },
      { kind: 'first', from: 0.1, to: 0.6, isWinner: false, isBad: true },
      { kind: 'hedge', from: 0.3, to: 0.5, isWinner: true, isBad: false },
      { kind: 'retry', from: 0.4, to: 0.5, isWinner: false, isBad: false },
    ]);
    expect(row?.bars.map(({ text }) => text)).toEqual([
      'waited 75 ms for a permit',
      'first to a:1: timeout after 750 ms',
      'hedge to b:1: ok after 300 ms',
      'retry to c:1: cancelled after 150 ms',
    ]);
  });

  it.each([
    [plan({ breaker: 'open' }), ['circuit open', 'nothing was sent']],
    [plan({ cache: 'stale' }), ['the last good answer stood in', 'nothing was sent']],
    [plan({ cache: 'hit' }), ['remembered, and fresh enough not to ask']],
    [plan({ coalesced: true }), ['joined a call that was under way', 'nothing was sent']],
  ])('says what else there is to know of plan %#', (told, notes) => {
    const [row] = timelineOf(answer(section({ plan: told })), 1500).rows;
    expect(row?.notes).toEqual(notes);
  });

  it('keeps a shared call that was under way before on the scale, and an answer that came late', () => {
    const attempts: Plan['attempts'] = [
      { number: 1, kind: 'first', instance: 'a:1', startMs: -200, endMs: 3000, outcome: 'ok' },
    ];
    const late = { ...answer(section({ plan: plan({ attempts }) })), durationMs: 2000 };
    const { endMs, deadlineAt, rows } = timelineOf(late, 1500);
    expect({ endMs, deadlineAt }).toEqual({ endMs: 2000, deadlineAt: 0.75 });
    expect(rows[0]?.bars[0]).toMatchObject({ from: 0, to: 1 });
  });
});

it.each([
  [section(), 'fresh after 750 ms'],
  [
    section({ status: 'stale', reason: 'timeout', ageMs: 4_200 }),
    'stale, 4.20 s old: no answer in time',
  ],
  [section({ status: 'missing', reason: 'circuit_open' }), 'missing: circuit open: not asked'],
  [section({ status: 'missing', reason: 'brand_new' }), 'missing: brand_new'],
])('section %# in words', (told, words) => expect(outcomeOf(told)).toBe(words));
