/** Server-sent events out of text that comes in pieces. */

export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

export class EventReader {
  private rest = '';

  /** The events that are whole now. */
  read(piece: string): readonly StreamEvent[] {
    const blocks = (this.rest + piece).split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.map(parse).filter((event) => event !== undefined);
  }
}

/** Undefined for a comment. */
function parse(block: string): StreamEvent | undefined {
  let [event, data] = ['message', ''];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    if (line.startsWith('data: ')) data += line.slice('data: '.length);
  }
  return data === '' ? undefined : { event, data: JSON.parse(data) as unknown };
}
