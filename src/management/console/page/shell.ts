import type { Facts, Frame } from '../console.contract.ts';
import { duration, grouped, ms, rate } from '../view/format.ts';
import type { Headline } from '../view/headline.ts';
import { meanRate } from '../view/history.ts';
import { byId, setText } from './dom/dom.ts';
import { changingIcon } from './dom/icons.ts';
import type { ThemeSwitch } from './theme.ts';

/** What stands around the charts: the sentence of the moment, whether the service is heard, and the few controls. */
export class Shell {
  private readonly sentence = byId('sentence');
  private readonly place = byId('headline');
  private readonly under = byId('under');
  private readonly link = byId('connection');
  private readonly linkText = byId('connection-text');
  private readonly announcer = byId('announcer');
  private readonly sentenceIcon = changingIcon();
  private announced = '';
  private lostAt: number | undefined;

  constructor(theme: ThemeSwitch) {
    byId('headline-icon').append(this.sentenceIcon.root);
    const button = byId('theme');
    const name = byId('theme-name');
    const label = (): void => setText(name, theme.theme);
    button.addEventListener('click', () => {
      theme.turn();
      label();
    });
    label();
    const help = byId('help') as HTMLDialogElement;
    byId('help-open').addEventListener('click', () => help.showModal());
  }

  live(headline: Headline, facts: Facts, recent: readonly Frame[]): void {
    this.lostAt = undefined;
    document.body.dataset['connection'] = 'live';
    setText(this.linkText, 'live');
    this.say(headline.level, headline.text);
    this.announce(headline.key, headline.text);
    const answers = meanRate(
      recent,
      ({ requests }) => requests.success + requests.partial_success + requests.failure,
    );
    setText(
      this.under,
      `${facts.sources.length} sources · ${rate(answers)} answers/s · deadline ${ms(facts.deadlineMs)} · up to ${grouped(facts.maxInFlight)} in flight · version ${facts.version}`,
    );
  }

  /** Called when the service is not heard any more, and every second from then on. */
  lost(lastSeenAt: number | undefined): void {
    this.lostAt ??= Date.now();
    document.body.dataset['connection'] = 'lost';
    setText(this.linkText, 'disconnected');
    this.say('lost', 'Disconnected: the service does not answer');
    this.announce('lost', 'Disconnected: the service does not answer');
    const ago = duration(Date.now() - (lastSeenAt ?? this.lostAt));
    setText(
      this.under,
      lastSeenAt === undefined
        ? 'Trying again every few seconds.'
        : `Below is what was last seen, ${ago} ago. Trying again every few seconds.`,
    );
  }

  private say(level: Headline['level'] | 'lost', text: string): void {
    this.place.dataset['level'] = level;
    this.link.dataset['level'] = level === 'lost' ? 'lost' : 'ok';
    this.sentenceIcon.show(level);
    setText(this.sentence, text);
    document.title = `${level === 'ok' || level === 'idle' ? '' : '▲ '}${text} · Tributary`;
  }

  /** Told when there is news, not when only a number moved. */
  private announce(key: string, text: string): void {
    if (key === this.announced) return;
    this.announced = key;
    setText(this.announcer, text);
  }
}
