import { bandInWords, stretchesOf, type Stretch } from '../../view/breaker-band.ts';
import { WINDOW_MS } from '../../view/history.ts';
import type { Frame } from '../../console.contract.ts';
import { el, resize, setAttribute } from '../dom/dom.ts';

/** What the breaker was over the same two minutes as the charts above it. */
export class BreakerBand {
  readonly root: HTMLElement;
  private readonly track = el('div', { class: 'band-track', role: 'img' });
  private readonly bars: HTMLElement[] = [];

  constructor() {
    this.root = el(
      'div',
      { class: 'band' },
      el('span', { class: 'band-title' }, 'circuit'),
      this.track,
    );
  }

  show(frames: readonly Frame[], source: string): void {
    const last = frames.at(-1);
    if (last === undefined) return;
    const stretches = stretchesOf(frames, source);
    resize(
      this.bars,
      stretches.length,
      () => this.bar(),
      (bar) => bar.remove(),
    );
    for (const [at, stretch] of stretches.entries()) {
      const bar = this.bars[at];
      if (bar !== undefined) draw(bar, stretch, last.at);
    }
    setAttribute(this.track, 'aria-label', `Circuit breaker: ${bandInWords(stretches, last.at)}`);
  }

  private bar(): HTMLElement {
    const bar = el('span', { class: 'band-bar' });
    this.track.append(bar);
    return bar;
  }
}

function draw(bar: HTMLElement, { state, from, until }: Stretch, now: number): void {
  bar.dataset['state'] = state;
  bar.style.left = `${(100 * (from - now + WINDOW_MS)) / WINDOW_MS}%`;
  bar.style.width = `${(100 * (until - from)) / WINDOW_MS}%`;
}
