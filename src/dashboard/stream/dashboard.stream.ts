import { Readable } from 'node:stream';
import { Observable, Subscription } from 'rxjs';
import type { Clock, Timer } from '../../context/clock.ts';
import type { Deadline } from '../../context/deadline.ts';
import type { Section } from '../section.ts';
import { sectionEvent, type Encoding, type EventName } from './events.ts';

/** Well below what proxies and balancers take for a dead connection (a minute as a rule). */
const HEARTBEAT_MS = 15_000;

export interface StreamParts {
  readonly encoding: Encoding;
  readonly deadline: Deadline;
  readonly clock: Clock;
  /** What `event: complete` says when all sections have landed, in the order in which they did. */
  readonly complete: (landed: readonly Section[]) => object;
  /** What `event: error` says where the answer came to nothing after all. */
  readonly problem: (error: unknown) => object;
}

/**
 * Emits the body of the answer with its first section, and then ends; the body goes on by itself, and destroying it
 * cancels every call. Unsubscribing before that does so too, and what fails before that fails here.
 *
 * Whoever reads slowly is not waited for: the sections of this one request are all that can pile up.
 */
export function streamOf(sections: Observable<Section>, parts: StreamParts): Observable<Readable> {
  return new Observable((subscriber) => {
    const landed: Section[] = [];
    const calls = new Subscription();
    let body: EventBody | undefined;
    calls.add(
      sections.subscribe({
        next: (section) => {
          landed.push(section);
          const isFirst = body === undefined;
          body ??= new EventBody(parts, () => calls.unsubscribe());
          body.write('section', sectionEvent(section));
          if (!isFirst) return;
          subscriber.next(body);
          subscriber.complete();
        },
        error: (error: unknown) => {
          if (body === undefined) subscriber.error(error);
          else body.end('error', parts.problem(error));
        },
        complete: () => body?.end('complete', parts.complete(landed)),
      }),
    );
    return () => {
      if (body === undefined) calls.unsubscribe();
    };
  });
}

/** Text that is pushed as it comes; nothing is made for being read. */
class EventBody extends Readable {
  private readonly encoding: Encoding;
  private readonly clock: Clock;
  private readonly cancel: () => void;
  private timer: Timer | undefined;

  constructor({ encoding, deadline, clock }: StreamParts, cancel: () => void) {
    super({ encoding: 'utf8' });
    this.encoding = encoding;
    this.clock = clock;
    this.cancel = cancel;
    if (encoding.heartbeat !== undefined && deadline.leftMs() > HEARTBEAT_MS)
      this.beatLater(encoding.heartbeat);
  }

  write(event: EventName, data: object): void {
    this.push(this.encoding.encode(event, data));
  }

  end(event: EventName, data: object): void {
    this.write(event, data);
    this.push(null);
    this.rest();
  }

  override _read(): void {
    // Sections come when they come.
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.rest();
    this.cancel();
    done(error);
  }

  /** Not while something waits to be read: that is life enough, and would pile up. */
  private beatLater(heartbeat: string): void {
    this.timer = this.clock.setTimeout(() => {
      if (this.readableLength === 0) this.push(heartbeat);
      this.beatLater(heartbeat);
    }, HEARTBEAT_MS);
  }

  private rest(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }
}
