import { expect, it } from '@jest/globals';
import { EventReader } from './events.ts';

const TEXT =
  'event: section\ndata: {"source":"user"}\n\n: heartbeat\n\nevent: complete\ndata: {"status":"success"}\n\n';
const EVENTS = [
  { event: 'section', data: { source: 'user' } },
  { event: 'complete', data: { status: 'success' } },
];

it.each([1, 7, 1000])('reads the same events out of pieces of %d characters', (size) => {
  const reader = new EventReader();
  const seen = [];
  for (let at = 0; at < TEXT.length; at += size)
    seen.push(...reader.read(TEXT.slice(at, at + size)));
  expect(seen).toEqual(EVENTS);
});

it('keeps back what is not whole yet', () => {
  const reader = new EventReader();
  expect(reader.read('event: section\ndata: {"a":1}\n')).toEqual([]);
  expect(reader.read('\n')).toEqual([{ event: 'section', data: { a: 1 } }]);
});
