import { el, setText } from '../../../src/management/console/page/dom/dom.ts';
import { ms } from '../../../src/management/console/view/format.ts';
import type { Ending, LandedSection } from './ask.ts';

const DEADLINE_MS = 1_500;

/** When each section of the last answer landed, between the question and the deadline. */
export class RequestTimeline {
  readonly root: HTMLElement;
  private readonly fill = el('span', { class: 'request-fill' });
  private readonly pins = el('span', { class: 'request-pins' });
  private readonly text = el('p', { class: 'request-text' });
  private readonly news = el('p', { class: 'unseen', role: 'status' });
  private startedAt = 0;
  private isUnderWay = false;

  constructor() {
    this.root = el(
      'div',
      { class: 'request' },
      el('div', { class: 'request-track', 'aria-hidden': true }, this.fill, this.pins),
      el(
        'div',
        { class: 'request-scale quiet', 'aria-hidden': true },
        el('span', {}, 'asked'),
        el('span', {}, '500 ms'),
        el('span', {}, '1 s'),
        el('span', {}, 'deadline 1.5 s'),
      ),
      this.text,
      this.news,
    );
  }

  begin(): void {
    this.startedAt = performance.now();
    this.isUnderWay = true;
    this.pins.replaceChildren();
    setText(this.text, 'Asking all sources at once …');
    this.root.dataset['kind'] = 'waiting';
    this.move();
  }

  landed({ source, status, elapsedMs }: LandedSection): void {
    const pin = el(
      'span',
      { class: 'pin', 'data-status': status },
      el('span', {}, `${source} ${ms(elapsedMs)}`),
    );
    pin.style.left = at(elapsedMs);
    // What lands late has its words on the other side.
    pin.classList.toggle('pin-late', elapsedMs > 0.6 * DEADLINE_MS);
    pin.style.setProperty('--row', String(this.pins.children.length));
    this.pins.append(pin);
  }

  ended({ kind, text, elapsedMs }: Ending): void {
    this.isUnderWay = false;
    this.root.dataset['kind'] = kind;
    this.fill.style.width = at(elapsedMs);
    setText(this.text, `${text} · ${ms(elapsedMs)}`);
    // Read out when it is another one than before, not every time.
    setText(this.news, text);
  }

  private move(): void {
    if (!this.isUnderWay) return;
    this.fill.style.width = at(performance.now() - this.startedAt);
    requestAnimationFrame(() => this.move());
  }
}

const at = (elapsedMs: number): string => `${Math.min(100, (100 * elapsedMs) / DEADLINE_MS)}%`;
