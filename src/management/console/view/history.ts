import type { Frame, SourceFrame } from '../console.contract.ts';

/** The last two minutes as charts read them: columns, oldest first. */

export const WINDOW_MS = 120_000;
/** Numbers beside the charts are means of so many seconds: one second alone jumps. */
const RECENT_FRAMES = 5;

export type Column = (number | null)[];

export class History {
  private list: readonly Frame[] = [];

  get frames(): readonly Frame[] {
    return this.list;
  }

  get last(): Frame | undefined {
    return this.list.at(-1);
  }

  get recent(): readonly Frame[] {
    return this.list.slice(-RECENT_FRAMES);
  }

  replace(frames: readonly Frame[]): void {
    this.list = frames;
  }

  add(frame: Frame): void {
    const oldest = frame.at - WINDOW_MS;
    this.list = [...this.list.filter(({ at }) => at > oldest), frame];
  }

  column(read: (frame: Frame) => number | null): Column {
    return this.list.map(read);
  }

  ofSource(name: string, read: (source: SourceFrame, frame: Frame) => number | null): Column {
    return this.list.map((frame) => {
      const source = frame.sources[name];
      return source === undefined ? null : read(source, frame);
    });
  }
}

/** A count of a frame as a rate per second. */
export const perSecond = (count: number, { spanMs }: Pick<Frame, 'spanMs'>): number =>
  spanMs > 0 ? (count * 1000) / spanMs : 0;

/** The mean rate per second over several frames. */
export function meanRate(frames: readonly Frame[], count: (frame: Frame) => number): number {
  let [sum, spanMs] = [0, 0];
  for (const frame of frames) {
    sum += count(frame);
    spanMs += frame.spanMs;
  }
  return spanMs > 0 ? (sum * 1000) / spanMs : 0;
}

/** Layers of a stack: the first column alone, the first two together, … */
export function stacked(columns: readonly Column[]): Column[] {
  const layers: Column[] = [];
  for (const column of columns) {
    const below = layers.at(-1);
    layers.push(column.map((value, at) => (value ?? 0) + (below?.[at] ?? 0)));
  }
  return layers;
}
