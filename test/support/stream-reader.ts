import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

/** Reads a streamed dashboard event by event, whichever way it is written. */

export interface StreamEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export const SSE = 'text/event-stream';
export const NDJSON = 'application/x-ndjson';

export class StreamReader {
  private readonly response: IncomingMessage;
  private readonly events: AsyncIterator<StreamEvent>;

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.events = eventsOf(response);
  }

  /** Resolves when the head is there. */
  static async open(
    port: number,
    path: string,
    accept: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamReader> {
    const request = http.get({
      host: '127.0.0.1',
      port,
      path,
      agent: false,
      headers: { accept, ...headers },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new StreamReader(response);
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  /** @throws Error when there is none any more */
  async next(): Promise<StreamEvent> {
    const { done, value } = await this.events.next();
    if (done === true) throw new Error('the stream has ended');
    return value;
  }

  /** All that still comes, to the end. */
  async rest(): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    for (let next = await this.events.next(); next.done !== true; next = await this.events.next())
      events.push(next.value);
    return events;
  }

  /** Hangs up. */
  leave(): void {
    this.response.on('error', () => undefined).destroy();
  }
}

async function* eventsOf(response: IncomingMessage): AsyncGenerator<StreamEvent, undefined> {
  const isSse = response.headers['content-type']?.startsWith(SSE) === true;
  const [end, parse] = isSse ? (['\n\n', parseSse] as const) : (['\n', parseLine] as const);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk as string;
    const frames = text.split(end);
    text = frames.pop() ?? '';
    for (const frame of frames) if (!frame.startsWith(':')) yield parse(frame);
  }
  if (text !== '') throw new Error(`half an event at the end: ${text}`);
  return undefined;
}

function parseSse(frame: string): StreamEvent {
  const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
  return { event, data: JSON.parse(data) as Record<string, unknown> };
}

function parseLine(line: string): StreamEvent {
  const { event, ...data } = JSON.parse(line) as Record<string, unknown>;
  return { event: String(event), data };
}

/** What happened, without what is different every time. */
export const outcomes = (events: readonly StreamEvent[]): string[] =>
  events.map(({ event, data }) =>
    event === 'section' ? `${data.source as string} ${data.status as string}` : event,
  );
