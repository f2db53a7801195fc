import type { IncompleteAnswer } from '../../console.contract.ts';
import { ms, timeOfDay } from '../../view/format.ts';
import { outcomeOf } from '../../view/timeline.ts';
import { el, setText } from '../dom/dom.ts';
import { icon } from '../dom/icons.ts';
import { gantt } from './gantt.ts';

/** As many as the service remembers, and as many as are shown until somebody asks for all. */
const KEPT = 50;
const SHOWN = 10;

/** The last answers that were not complete, newest first. It stands still while somebody reads in it. */
export class AnswerList {
  readonly root: HTMLElement;
  private readonly list = el('ol', { class: 'answers', tabindex: '-1' });
  private readonly none = el('p', { class: 'empty-note' }, 'Every answer of late was complete.');
  private readonly more = el('button', { type: 'button', class: 'pill', hidden: true });
  private readonly all = el('button', { type: 'button', class: 'pill', hidden: true });
  private most = SHOWN;
  private waiting: IncompleteAnswer[] = [];
  private deadlineMs = 1500;

  constructor() {
    this.more.addEventListener('click', () => this.flush());
    this.all.addEventListener('click', () => {
      this.most = KEPT;
      this.showMost();
    });
    this.root = el(
      'div',
      {},
      el('div', { class: 'answers-more' }, this.more),
      this.none,
      this.list,
      el('p', { class: 'answers-all' }, this.all),
    );
  }

  replace(answers: readonly IncompleteAnswer[], deadlineMs: number): void {
    this.deadlineMs = deadlineMs;
    this.list.replaceChildren();
    this.waiting = [...answers];
    this.flush();
  }

  add(answers: readonly IncompleteAnswer[]): void {
    this.waiting = [...this.waiting, ...answers].slice(-KEPT);
    if (!this.isRead()) this.flush();
    else {
      this.more.hidden = false;
      setText(this.more, `show ${this.waiting.length} new`);
    }
  }

  private flush(): void {
    this.list.prepend(...this.waiting.toReversed().map((answer) => this.item(answer)));
    while (this.list.children.length > KEPT) this.list.lastElementChild?.remove();
    this.waiting = [];
    this.more.hidden = true;
    this.none.hidden = this.list.children.length > 0;
    this.showMost();
  }

  /** The latest, and below them how many more there are. */
  private showMost(): void {
    const items = [...this.list.children] as HTMLElement[];
    for (const [at, item] of items.entries()) item.hidden = at >= this.most;
    this.all.hidden = items.length <= this.most;
    setText(this.all, `show all ${items.length}`);
  }

  private isRead(): boolean {
    return this.list.matches(':hover, :focus-within') || this.list.querySelector('[open]') !== null;
  }

  private item(answer: IncompleteAnswer): HTMLElement {
    const { at, status, statusCode, durationMs } = answer;
    const details = el(
      'details',
      {},
      el(
        'summary',
        {},
        el('time', { datetime: new Date(at).toISOString() }, timeOfDay(at)),
        el(
          'span',
          { class: `badge badge-${status}` },
          icon(status === 'failure' ? 'bad' : 'half'),
          status === 'failure' ? `failed ${statusCode}` : 'partial',
        ),
        el('span', { class: 'answer-text' }, textOf(answer)),
        el('span', { class: 'answer-time number' }, ms(durationMs)),
      ),
    );
    // A timeline is made when somebody wants to see it.
    details.addEventListener('toggle', () => details.append(gantt(answer, this.deadlineMs)), {
      once: true,
    });
    return el('li', {}, details);
  }
}

const textOf = ({ sections }: IncompleteAnswer): string =>
  sections
    .filter(({ status }) => status !== 'fresh')
    .map((section) => `${section.source} ${outcomeOf(section)}`)
    .join(' · ');
