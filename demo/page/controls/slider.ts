import { el, setText } from '../../../src/management/console/page/dom/dom.ts';

export interface SliderOptions {
  readonly label: string;
  readonly max: number;
  readonly step: number;
  /** What the slider says at a value. */
  readonly say: (value: number) => string;
  readonly moved: (value: number) => void;
}

/** A slider with its name and its value in words. */
export class Slider {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly output = el('output');
  private readonly say: (value: number) => string;

  constructor(name: string, { label, max, step, say, moved }: SliderOptions) {
    this.say = say;
    this.input = el('input', {
      type: 'range',
      min: 0,
      max,
      step,
      value: 0,
      id: `${name}-${label}`,
    });
    this.input.addEventListener('input', () => this.show(this.input.valueAsNumber));
    this.input.addEventListener('change', () => moved(this.input.valueAsNumber));
    this.root = el(
      'div',
      { class: 'slider' },
      el('label', { for: this.input.id }, label),
      this.output,
      this.input,
    );
    this.show(0);
  }

  /** Not under somebody's hand. */
  set(value: number): void {
    if (document.activeElement === this.input && this.input.matches(':active')) return;
    this.input.value = String(value);
    this.show(value);
  }

  private show(value: number): void {
    const text = this.say(value);
    setText(this.output, text);
    this.input.setAttribute('aria-valuetext', text);
  }
}
