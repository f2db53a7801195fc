import { expect, it } from '@jest/globals';
import { FrameOf } from '../../test/support/layered.ts';
import { Flow, type Frame } from './flow.ts';

/** Nobody who is cancelled goes without a word because of a bug in somebody else: a permit would be lost with it. */

const BUG = new Error('a bug');

/** Frames a, b and c, the outermost first; `told` has what they and the caller heard. */
function broken(buggy: string) {
  const told: unknown[] = [];
  const flow = new Flow<string>({
    next: (value) => told.push(value),
    error: (error) => told.push(error),
    complete() {},
  });
  const frames: Record<string, Frame<string>> = {};
  for (const name of ['a', 'b', 'c']) {
    const frame = new FrameOf<string>(({ kind }) => {
      told.push(`${name}: ${kind}`);
      if (name === buggy) throw BUG;
    });
    frames[name] = frame;
    flow.onEnd(frame);
  }
  return { told, flow, frames };
}

it.each(['a', 'b', 'c'])(
  'a bug of frame %s at a cancellation comes after all were told',
  (buggy) => {
    const { told, flow } = broken(buggy);
    expect(() => flow.unsubscribe()).toThrow(BUG);
    expect(told).toEqual(['a: cancel', 'b: cancel', 'c: cancel']);
    expect(flow.closed).toBe(true);
  },
);

it.each(['b', 'c'])(
  'a bug of frame %s, cancelled by a failure further out, is what is heard',
  (buggy) => {
    const { told, flow, frames } = broken(buggy);
    const { a } = frames;
    if (a !== undefined) flow.failAt(a, new Error('failed'));
    expect(told).toEqual(['b: cancel', 'c: cancel', 'a: error', BUG]);
  },
);
