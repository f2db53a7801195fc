import { el, setText } from '../../../src/management/console/page/dom/dom.ts';
import { changingIcon } from '../../../src/management/console/page/dom/icons.ts';
import { ms, percent } from '../../../src/management/console/view/format.ts';
import { BREAKER_WORDS } from '../../../src/management/console/view/words.ts';
import { Slider } from './slider.ts';
import { put, type Faults, type ServiceState, type SourceView } from './state.ts';

const BAD_ANSWERS: readonly (readonly [value: string, label: string])[] = [
  ['none', 'good answers'],
  ['hang', 'hangs: never answers'],
  ['wrong_schema', 'bad data: not its contract'],
  ['bad_json', 'bad data: not even JSON'],
  ['cut_short', 'bad data: cut short'],
  ['drip', 'drips: a byte every 100 ms'],
  ['refuse', 'resets the connection'],
];

/** How one source stands, and all that can be done to it. */
export class SourcePanel {
  readonly root: HTMLElement;
  private readonly name: string;
  private readonly icon = changingIcon();
  private readonly state = el('span');
  private readonly figures = el('p', { class: 'quiet panel-figures' });
  private readonly latency: Slider;
  private readonly errors: Slider;
  private readonly answers = el('select', {});
  private readonly instances = el('div', { class: 'panel-instances' });
  private faults: Faults = {};
  private drawn = '';

  constructor(name: string) {
    this.name = name;
    this.latency = new Slider(name, {
      label: 'latency',
      max: 2000,
      step: 50,
      say: (value) => (value === 0 ? 'usual' : ms(value)),
      moved: (value) => this.change({ latencyMs: value === 0 ? undefined : value }),
    });
    this.errors = new Slider(name, {
      label: 'errors',
      max: 1,
      step: 0.05,
      say: percent,
      moved: (value) =>
        this.change({
          errorRate: value === 0 ? undefined : value,
          errorStatus: value === 0 ? undefined : 503,
        }),
    });
    this.fillAnswers();
    this.root = el(
      'fieldset',
      { class: 'panel', 'data-panel': name },
      el('legend', {}, name),
      el('span', { class: 'badge panel-badge' }, this.icon.root, this.state),
      this.figures,
      this.latency.root,
      this.errors.root,
      el(
        'div',
        { class: 'panel-answers' },
        el('label', { for: this.answers.id }, 'answers'),
        this.answers,
      ),
      this.instances,
    );
  }

  show({ faults, instances }: ServiceState): void {
    this.faults = faults;
    this.latency.set(faults.latencyMs ?? 0);
    this.errors.set(faults.errorRate ?? 0);
    if (document.activeElement !== this.answers) this.answers.value = faults.badAnswer ?? 'none';
    this.root.dataset['broken'] = String(Object.keys(faults).length > 0);
    const seen = JSON.stringify(instances);
    if (seen === this.drawn) return;
    this.drawn = seen;
    this.instances.replaceChildren(
      ...instances.map(({ address, isUp }, at) => this.instance(address, isUp, at)),
    );
  }

  /** Undefined where the service does not say. */
  showLive(view: SourceView | undefined): void {
    const state = view?.breaker.state;
    this.root.dataset['breaker'] = state ?? 'unknown';
    this.icon.show(
      state === undefined ? 'lost' : state === 'closed' ? 'ok' : state === 'open' ? 'bad' : 'half',
    );
    setText(this.state, state === undefined ? 'unknown' : `circuit ${BREAKER_WORDS[state]}`);
    if (view !== undefined)
      setText(
        this.figures,
        `p50 ${ms(view.latencyMs.p50)} · p95 ${ms(view.latencyMs.p95)} · ${view.inFlight} in flight`,
      );
  }

  private change(changes: { readonly [Name in keyof Faults]: Faults[Name] | undefined }): void {
    // What is undefined is left out of JSON.
    void put(`/faults/${this.name}`, { ...this.faults, ...changes });
    this.faults = JSON.parse(JSON.stringify({ ...this.faults, ...changes })) as Faults;
  }

  private fillAnswers(): void {
    this.answers.id = `${this.name}-answers`;
    this.answers.append(...BAD_ANSWERS.map(([value, label]) => el('option', { value }, label)));
    this.answers.addEventListener('change', () =>
      this.change({ badAnswer: this.answers.value === 'none' ? undefined : this.answers.value }),
    );
  }

  private instance(address: string, isUp: boolean, at: number): HTMLElement {
    const button = el(
      'button',
      { type: 'button', class: 'pill', 'data-instance': at },
      isUp ? 'kill' : 'restart',
    );
    button.setAttribute('aria-label', `${isUp ? 'kill' : 'restart'} ${this.name} at ${address}`);
    button.addEventListener('click', () => {
      button.disabled = true;
      void put(`/instances/${this.name}/${at}`, { isOn: !isUp });
    });
    return el(
      'div',
      { class: 'panel-instance', 'data-up': String(isUp) },
      el('span', {}, `${isUp ? '●' : '○'} ${address} ${isUp ? '' : 'down'}`),
      button,
    );
  }
}
