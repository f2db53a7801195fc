import { el, setAttribute, setText } from '../dom/dom.ts';

/** How much of something there is, as a bar and in numbers. */
export class Meter {
  readonly root: HTMLElement;
  private readonly bar = el('span', { class: 'meter-bar' });
  private readonly value = el('span', { class: 'meter-value' });
  private readonly track: HTMLElement;

  constructor(label: string) {
    this.track = el(
      'span',
      { class: 'meter-track', role: 'meter', 'aria-label': label, 'aria-valuemin': 0 },
      this.bar,
    );
    this.root = el(
      'div',
      { class: 'meter' },
      el('span', { class: 'meter-label' }, label),
      this.value,
      this.track,
    );
  }

  show(value: number, most: number, text: string, level: 'calm' | 'high' | 'full'): void {
    const share = most > 0 ? Math.min(1, value / most) : 0;
    this.bar.style.transform = `scaleX(${share})`;
    this.track.dataset['level'] = level;
    setAttribute(this.track, 'aria-valuemax', most);
    setAttribute(this.track, 'aria-valuenow', Math.min(value, most));
    setAttribute(this.track, 'aria-valuetext', text);
    setText(this.value, text);
  }
}
