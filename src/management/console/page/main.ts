import type { Facts, Instances } from '../console.contract.ts';
import { headlineOf } from '../view/headline.ts';
import { History } from '../view/history.ts';
import { AnswerList } from './answers/list.ts';
import { Connection } from './connection.ts';
import { byId } from './dom/dom.ts';
import { listenToKeys } from './keyboard.ts';
import { Overview } from './overview.ts';
import { Shell } from './shell.ts';
import { SourceCard } from './sources/card.ts';
import { ThemeSwitch } from './theme.ts';

/** The page: what the feed says goes into the history, and all that is shown is drawn from that. */

const history = new History();
const theme = new ThemeSwitch();
const shell = new Shell(theme);
const answers = new AnswerList();
let facts: Facts | undefined;
let instances: Instances = {};
let overview: Overview | undefined;
let cards: readonly SourceCard[] = [];
let isLive = false;

byId('answers').append(answers.root);
listenToKeys(() => cards);
theme.onChange(() => {
  const charts = cards.flatMap((card) => [card.charts.calls, card.charts.latency]);
  for (const chart of [...(overview?.charts ?? []), ...charts]) chart.redraw();
});

new Connection({
  hello(hello) {
    if (JSON.stringify(hello.facts) !== JSON.stringify(facts)) build(hello.facts);
    history.replace(hello.frames);
    instances = hello.instances;
    answers.replace(hello.answers, hello.facts.deadlineMs);
    draw();
  },
  tick(tick) {
    history.add(tick.frame);
    instances = tick.instances;
    draw();
  },
  answers: (news) => answers.add(news),
  state(live) {
    isLive = live;
    if (!live) shell.lost(history.last?.at);
  },
}).open();

setInterval(() => {
  if (!isLive) shell.lost(history.last?.at);
}, 1_000);

/** What is there as long as the service is configured as it is. */
function build(known: Facts): void {
  facts = known;
  overview = new Overview(known);
  byId('overview').replaceChildren(...overview.charts.map(({ root }) => root));
  cards = known.sources.map((source) => new SourceCard(source));
  byId('sources').replaceChildren(...cards.map(({ root }) => root));
}

function draw(): void {
  if (facts === undefined) return;
  document.body.dataset['empty'] = String(history.last === undefined);
  overview?.show(history);
  for (const [at, card] of cards.entries())
    card.show(history, instances[facts.sources[at]?.name ?? ''] ?? []);
  shell.live(headlineOf(history.frames, instances, facts), facts, history.recent);
}
