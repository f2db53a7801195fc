import { byId, el, setText } from '../../src/management/console/page/dom/dom.ts';
import { ThemeSwitch } from '../../src/management/console/page/theme.ts';
import { ask, type LandedSection } from './ask/ask.ts';
import { RequestTimeline } from './ask/timeline.ts';
import { apply, PRESETS } from './controls/presets.ts';
import { SourcePanel } from './controls/source-panel.ts';
import { put, read, type DemoState, type Sources } from './controls/state.ts';
import { Steps } from './controls/steps.ts';
import { SectionCard } from './sections/section.ts';

/** The demo page: a dashboard that is asked for again and again, beside everything that can go wrong with it. */

const LOOK_EVERY_MS = 1_000;
const ASK_EVERY_MS = 2_500;
const TITLES: readonly (readonly [name: string, title: string])[] = [
  ['user', 'Profile'],
  ['orders', 'Orders'],
  ['recommendations', 'Recommended for you'],
];

const sections = new Map(TITLES.map(([name, title]) => [name, new SectionCard(name, title)]));
const panels = new Map(TITLES.map(([name]) => [name, new SourcePanel(name)]));
const timeline = new RequestTimeline();
const steps = new Steps();
const theme = new ThemeSwitch();
const user = byId('user') as HTMLSelectElement;
const again = byId('again') as HTMLInputElement;
const traffic = byId('traffic') as HTMLInputElement;
let underWay: AbortController | undefined;

byId('sections').append(...[...sections.values()].map(({ root }) => root));
byId('panels').append(...[...panels.values()].map(({ root }) => root));
byId('request').append(timeline.root);
byId('presets').append(...PRESETS.map(presetButton));
user.append(...[41, 12, 23, 34, 55].map((id) => el('option', { value: id }, `user ${id}`)));
user.addEventListener('change', () => void load(true));
byId('ask').addEventListener('click', () => void load(true));
traffic.addEventListener('change', () => void put('/traffic', { isOn: traffic.checked }));
byId('panels').addEventListener('change', () => steps.pressed(true));
byId('panels').addEventListener('click', ({ target }) =>
  steps.pressed(target instanceof HTMLButtonElement),
);
byId('theme').addEventListener('click', () => theme.turn());

void load(true);
void look();
setInterval(() => void look(), LOOK_EVERY_MS);
setInterval(() => {
  if (again.checked && underWay === undefined && !document.hidden) void load(false);
}, ASK_EVERY_MS);

/** Asks for the dashboard. @param isNew what is shown is somebody else's, or to be seen coming */
async function load(isNew: boolean): Promise<void> {
  underWay?.abort();
  const mine = new AbortController();
  underWay = mine;
  for (const card of sections.values()) card.wait(isNew);
  timeline.begin();
  const landed = (section: LandedSection): void => {
    cardOf(section.source).show(section);
    timeline.landed(section);
    steps.landed(section);
  };
  await ask(user.value, { landed, ended: (ending) => timeline.ended(ending) }, mine.signal);
  if (underWay === mine) underWay = undefined;
}

/** How the sources stand, and whether the service says what it thinks of them. */
async function look(): Promise<void> {
  const [state, live] = await Promise.allSettled([
    read<DemoState>('/state'),
    read<Sources>('/sources'),
  ]);
  if (state.status === 'fulfilled') showState(state.value);
  const sources = live.status === 'fulfilled' ? live.value : undefined;
  for (const [name, panel] of panels) panel.showLive(sources?.[name]);
  if (sources !== undefined) steps.sources(sources);
  document.body.dataset['connection'] = state.status === 'fulfilled' ? 'live' : 'lost';
}

function showState({
  services,
  traffic: { isOn, perSecond },
  consoleUrl,
  docsUrl,
}: DemoState): void {
  for (const service of services) panelOf(service.name).show(service);
  traffic.checked = isOn;
  setText(byId('traffic-rate'), `${perSecond} requests/s of others`);
  (byId('console') as HTMLAnchorElement).href = consoleUrl;
  (byId('docs') as HTMLAnchorElement).href = docsUrl;
}

/** A source that was added to the service has its place here without being known. */
function cardOf(name: string): SectionCard {
  const known = sections.get(name);
  if (known !== undefined) return known;
  const card = new SectionCard(name, name);
  sections.set(name, card);
  byId('sections').append(card.root);
  return card;
}

function panelOf(name: string): SourcePanel {
  const known = panels.get(name);
  if (known !== undefined) return known;
  const panel = new SourcePanel(name);
  panels.set(name, panel);
  byId('panels').append(panel.root);
  return panel;
}

function presetButton(preset: (typeof PRESETS)[number]): HTMLElement {
  const button = el(
    'button',
    { type: 'button', class: 'pill', 'data-preset': preset.id },
    preset.label,
  );
  button.addEventListener('click', () => {
    steps.pressed(preset.id !== 'fine');
    void apply(preset, [...panels.keys()]).then(look);
  });
  return button;
}
