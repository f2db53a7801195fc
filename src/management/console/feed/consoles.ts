import type { ServerResponse } from 'node:http';
import type { Facts, Hello, IncompleteAnswer, Tick } from '../console.contract.ts';
import type { ConsoleFeed } from './console.feed.ts';

/** Pages at once; a listener for a few people needs no more. */
const MOST_CONSOLES = 20;
/** Seconds in a row in which a page takes nothing before it is given up. */
const MOST_SKIPPED = 30;
/** After which a page that lost the connection tries again. */
const RETRY_MS = 1_000;

interface Console {
  readonly response: ServerResponse;
  /** Seconds that it was not told of, as it had not read what came before. */
  skipped: number;
}

/**
 * The pages that are looking. A second is written down once for all of them. Who reads slowly is not told of every
 * second, and once it has read again it is told everything that is remembered: nothing is buffered for it.
 */
export class Consoles {
  private readonly feed: ConsoleFeed;
  private readonly facts: Facts;
  private readonly consoles = new Set<Console>();
  private readonly ignore: () => void;

  constructor(feed: ConsoleFeed, facts: Facts) {
    this.feed = feed;
    this.facts = facts;
    this.ignore = feed.onTick((tick, answers) => this.tell(tick, answers));
  }

  get count(): number {
    return this.consoles.size;
  }

  /** Takes over the response until one of the two leaves; false, and nothing done, when there are too many. */
  open(response: ServerResponse): boolean {
    if (this.consoles.size >= MOST_CONSOLES) return false;
    const console: Console = { response, skipped: 0 };
    this.consoles.add(console);
    response.once('close', () => this.consoles.delete(console));
    response.on('error', () => undefined);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${RETRY_MS}\n\n${this.hello()}`);
    return true;
  }

  /** Ends every stream. */
  close(): void {
    this.ignore();
    for (const { response } of this.consoles) response.end();
    this.consoles.clear();
  }

  private tell(tick: Tick, answers: readonly IncompleteAnswer[]): void {
    if (this.consoles.size === 0) return;
    const news = eventOf('frame', tick) + (answers.length > 0 ? eventOf('partial', answers) : '');
    let all: string | undefined;
    for (const console of this.consoles) {
      const { response, skipped } = console;
      if (!response.writableNeedDrain) {
        response.write(skipped === 0 ? news : (all ??= this.hello()));
        console.skipped = 0;
      } else if ((console.skipped += 1) > MOST_SKIPPED) response.destroy();
    }
  }

  private hello(): string {
    return eventOf('hello', { facts: this.facts, ...this.feed.history } satisfies Hello);
  }
}

const eventOf = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
