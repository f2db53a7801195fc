import type { IncompleteAnswer } from '../../console.contract.ts';
import { ms } from '../../view/format.ts';
import { timelineOf, type Bar, type Row } from '../../view/timeline.ts';
import { el } from '../dom/dom.ts';
import { icon } from '../dom/icons.ts';

/** The plan of one answer: a row a section, a bar a wait or attempt, each with its words. */
export function gantt(answer: IncompleteAnswer, deadlineMs: number): HTMLElement {
  const timeline = timelineOf(answer, deadlineMs);
  const hasPlan = answer.sections.some(({ plan }) => plan !== null);
  const mark = el('span', { class: 'gantt-deadline', 'aria-hidden': true });
  mark.style.left = `${100 * timeline.deadlineAt}%`;
  return el(
    'div',
    { class: 'gantt' },
    el('p', { class: 'gantt-id quiet' }, 'request ', el('code', {}, answer.requestId)),
    el(
      'div',
      { class: 'gantt-scale quiet', 'aria-hidden': true },
      el('span', {}, '0'),
      el('span', {}, ms(timeline.endMs / 2)),
      el('span', {}, ms(timeline.endMs)),
    ),
    el('ul', { class: 'gantt-rows' }, ...timeline.rows.map(row)),
    hasPlan
      ? null
      : el(
          'p',
          { class: 'quiet' },
          'Its attempts are told where the caller asks with ?explain=true and EXPLAIN=on.',
        ),
  );
}

function row({ source, status, outcome, notes, bars }: Row): HTMLElement {
  return el(
    'li',
    { class: 'gantt-row', 'data-status': status },
    el(
      'div',
      { class: 'gantt-name' },
      icon(status === 'fresh' ? 'ok' : status === 'stale' ? 'half' : 'bad'),
      el('strong', {}, source),
      ' ',
      el('span', {}, [outcome, ...notes].join(' · ')),
    ),
    el('ol', { class: 'gantt-bars' }, ...bars.map(lane)),
  );
}

function lane(bar: Bar): HTMLElement {
  const mark = el('span', {
    class: `gantt-bar gantt-${bar.kind}${bar.isWinner ? ' gantt-winner' : ''}${bar.isBad ? ' gantt-bad' : ''}`,
  });
  mark.style.left = `${100 * bar.from}%`;
  mark.style.width = `${100 * (bar.to - bar.from)}%`;
  return el(
    'li',
    {},
    el('span', { class: 'gantt-track', 'aria-hidden': true }, mark),
    el(
      'span',
      { class: 'gantt-text' },
      bar.isWinner && bar.kind !== 'section' ? `✓ ${bar.text}` : bar.text,
    ),
  );
}
