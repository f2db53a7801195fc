import type { InstanceRow, SourceFacts, SourceFrame } from '../../console.contract.ts';
import { duration, grouped, ms, percent, rate } from '../../view/format.ts';
import { meanRate, type History } from '../../view/history.ts';
import { BREAKER_WORDS } from '../../view/words.ts';
import { el, setAttribute, setText } from '../dom/dom.ts';
import { changingIcon } from '../dom/icons.ts';
import { BreakerBand } from './band.ts';
import { SourceCharts } from './charts.ts';
import { InstanceTable } from './instances.ts';
import { Meter } from './meter.ts';
import { settingsOf } from './settings.ts';

/** Tokens that a budget holds at most. */
const FULL_BUDGET = 100;

/** One source: what is asked of it, what comes of it, and what holds it up. */
export class SourceCard {
  readonly root: HTMLElement;
  readonly charts = new SourceCharts();
  private readonly facts: SourceFacts;
  private readonly band = new BreakerBand();
  private readonly inFlight = new Meter('in flight');
  private readonly queue = new Meter('queue');
  private readonly budget = new Meter('budget');
  private readonly instances: InstanceTable;
  private readonly stateIcon = changingIcon();
  private readonly state = el('span');
  private readonly badge = el('span', { class: 'badge' }, this.stateIcon.root, this.state);
  private readonly summary = el('span', { class: 'card-summary' });
  private readonly settings: HTMLElement;
  private readonly toggle: HTMLButtonElement;

  constructor(facts: SourceFacts) {
    this.facts = facts;
    const { name } = facts;
    this.instances = new InstanceTable(name);
    this.settings = settingsOf(facts);
    this.settings.id = `settings-${name}`;
    this.settings.hidden = true;
    this.toggle = el(
      'button',
      {
        type: 'button',
        class: 'card-toggle',
        'aria-expanded': 'false',
        'aria-controls': this.settings.id,
      },
      el('span', { class: 'card-name' }, name),
      this.badge,
      el('span', { class: 'chevron', 'aria-hidden': true }),
    );
    this.toggle.addEventListener('click', () => this.expand(this.settings.hidden === true));
    this.root = el(
      'article',
      { class: 'card', 'aria-label': `Source ${name}`, 'data-source': name },
      el('h3', {}, this.toggle),
      this.summary,
      el(
        'div',
        { class: 'card-charts' },
        el('div', {}, this.charts.calls.root, this.band.root),
        this.charts.latency.root,
      ),
      el('div', { class: 'meters' }, this.inFlight.root, this.queue.root, this.budget.root),
      this.instances.root,
      this.settings,
    );
  }

  focus(): void {
    this.toggle.focus();
    this.root.scrollIntoView({ block: 'nearest' });
  }

  /** With its settings, over the whole width. */
  expand(isExpanded: boolean): void {
    this.settings.hidden = !isExpanded;
    setAttribute(this.toggle, 'aria-expanded', String(isExpanded));
    this.root.classList.toggle('card-expanded', isExpanded);
  }

  show(history: History, instances: readonly InstanceRow[]): void {
    const { name } = this.facts;
    this.charts.show(name, history);
    this.band.show(history.frames, name);
    this.instances.show(instances);
    const frame = history.last?.sources[name];
    if (frame === undefined) return;
    this.showState(frame);
    this.showMeters(frame);
    setText(this.summary, summaryOf(name, history, frame));
  }

  private showState({ breaker }: SourceFrame): void {
    const { state, troubledForMs } = breaker;
    this.root.dataset['state'] = state;
    this.stateIcon.show(state === 'closed' ? 'ok' : state === 'open' ? 'bad' : 'half');
    const since = troubledForMs === null ? '' : ` for ${duration(troubledForMs)}`;
    setText(this.state, `circuit ${BREAKER_WORDS[state]}${since}`);
  }

  private showMeters({ inFlight, limit, queued, budget }: SourceFrame): void {
    const { maxQueue } = this.facts;
    const load = limit > 0 ? inFlight / limit : 1;
    const level = load >= 1 ? 'full' : load >= 0.8 ? 'high' : 'calm';
    this.inFlight.show(inFlight, limit, `${grouped(inFlight)} / ${grouped(limit)}`, level);
    this.queue.show(
      queued,
      maxQueue,
      `${grouped(queued)} / ${grouped(maxQueue)}`,
      queued === 0 ? 'calm' : queued < maxQueue ? 'high' : 'full',
    );
    this.budget.show(
      budget,
      FULL_BUDGET,
      `${budget < 10 ? budget.toFixed(1) : Math.round(budget)} tokens`,
      budget < 1 ? 'full' : 'calm',
    );
  }
}

function summaryOf(name: string, { recent }: History, { latencyMs, breaker }: SourceFrame): string {
  const of = (read: (source: SourceFrame) => number): number =>
    meanRate(recent, ({ sources }) => (sources[name] === undefined ? 0 : read(sources[name])));
  const calls = of(({ fresh, stale, missing }) => fresh + stale + missing);
  if (calls === 0) return 'no calls now';
  const fresh = percent(of((source) => source.fresh) / calls);
  const failing = breaker.failureRatio > 0 ? ` · ${percent(breaker.failureRatio)} failing` : '';
  return `${rate(calls)} calls/s · ${fresh} fresh · p50 ${ms(latencyMs?.p50)}${failing}`;
}
