import { el, setText } from '../../../src/management/console/page/dom/dom.ts';
import { changingIcon } from '../../../src/management/console/page/dom/icons.ts';
import { duration, ms } from '../../../src/management/console/view/format.ts';
import { reasonInWords } from '../../../src/management/console/view/words.ts';
import type { LandedSection } from '../ask/ask.ts';
import { DRAW, drawAnything } from './draw.ts';

/** One section of the dashboard: waiting, fresh, stale with its age, or missing with its reason. */
export class SectionCard {
  readonly root: HTMLElement;
  private readonly name: string;
  private readonly body = el('div', { class: 'section-body' });
  private readonly mark = changingIcon();
  private readonly state = el('span');
  private readonly note = el('p', { class: 'section-note' });

  constructor(name: string, title: string) {
    this.name = name;
    const badge = el('span', { class: 'badge section-badge' }, this.mark.root, this.state);
    this.root = el(
      'section',
      { class: 'section', 'aria-label': title, 'data-section': name },
      el('header', { class: 'section-head' }, el('h3', {}, title), badge),
      this.note,
      this.body,
    );
  }

  /** @param isNew nothing of what is shown is this user's */
  wait(isNew: boolean): void {
    this.root.dataset['waiting'] = '';
    if (!isNew) return;
    this.root.dataset['status'] = 'waiting';
    this.mark.show('idle');
    setText(this.state, 'waiting');
    this.note.hidden = true;
    this.body.replaceChildren(skeleton());
  }

  show({ status, data, reason, ageMs, elapsedMs }: LandedSection): void {
    delete this.root.dataset['waiting'];
    this.root.dataset['status'] = status;
    this.mark.show(status === 'fresh' ? 'ok' : status === 'stale' ? 'half' : 'bad');
    setText(this.state, stateOf(status, ageMs, elapsedMs));
    this.note.hidden = status === 'fresh';
    const why = reasonInWords(reason ?? null);
    setText(
      this.note,
      status === 'stale' ? `The last good answer stands in: ${why}.` : `Not there: ${why}.`,
    );
    const drawn = status === 'missing' ? [] : (DRAW[this.name] ?? drawAnything)(data);
    this.body.replaceChildren(...drawn);
  }
}

function stateOf(
  status: LandedSection['status'],
  ageMs: number | undefined,
  elapsedMs: number,
): string {
  if (status === 'fresh') return `fresh · ${ms(elapsedMs)}`;
  return status === 'stale' ? `stale · ${duration(ageMs ?? 0)} old` : 'missing';
}

const skeleton = (): HTMLElement =>
  el('div', { class: 'skeleton', 'aria-hidden': true }, el('span'), el('span'), el('span'));
