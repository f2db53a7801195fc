import type { Hello, IncompleteAnswer, Tick } from '../console.contract.ts';

/** The feed as the page hears it, and whether it is heard at all. */
export interface FeedEvents {
  hello(hello: Hello): void;
  tick(tick: Tick): void;
  answers(answers: readonly IncompleteAnswer[]): void;
  /** Lost, or there again. */
  state(isLive: boolean): void;
}

/** A second comes every second: after this long without one there is nobody. */
const SILENCE_MS = 3_500;
/** The browser tries again by itself, but not after every kind of failure. */
const REOPEN_MS = 2_000;

export class Connection {
  private readonly events: FeedEvents;
  private source: EventSource | undefined;
  private silence: number | undefined;
  private reopening: number | undefined;

  constructor(events: FeedEvents) {
    this.events = events;
  }

  open(): void {
    this.source?.close();
    const source = new EventSource('events');
    this.source = source;
    const on = <T>(event: string, take: (data: T) => void): void =>
      source.addEventListener(event, (message: MessageEvent<string>) => {
        this.heard();
        take(JSON.parse(message.data) as T);
      });
    on<Hello>('hello', (hello) => this.events.hello(hello));
    on<Tick>('frame', (tick) => this.events.tick(tick));
    on<readonly IncompleteAnswer[]>('partial', (answers) => this.events.answers(answers));
    source.addEventListener('error', () => this.lost());
    this.listen();
  }

  private heard(): void {
    this.events.state(true);
    clearTimeout(this.reopening);
    this.reopening = undefined;
    this.listen();
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), SILENCE_MS);
  }

  private lost(): void {
    this.events.state(false);
    this.reopening ??= setTimeout(() => {
      this.reopening = undefined;
      this.open();
    }, REOPEN_MS);
  }
}
