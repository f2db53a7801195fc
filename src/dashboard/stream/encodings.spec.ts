import { describe, expect, it } from '@jest/globals';
import { SectionEventSchema } from '../contract/dashboard.stream.contract.ts';
import type { Section } from '../section.ts';
import { sectionEvent } from './events.ts';
import { ndjson } from './ndjson.ts';
import { sse } from './sse.ts';

/** What goes over the wire, letter by letter. */

const TRICKY = { text: 'a\nb\r\n\u2028: "ü"\n\nevent: x' };

describe('server-sent events', () => {
  it('are a name, one line of JSON, and an empty line', () => {
    expect(sse.encode('section', { a: 1 })).toBe('event: section\ndata: {"a":1}\n\n');
  });

  it('no text in them ends one, or begins another', () => {
    const [name, data, ...rest] = sse.encode('complete', TRICKY).split(/\r\n|\r|\n/);
    expect([name, ...rest]).toEqual(['event: complete', '', '']);
    expect(JSON.parse(data?.slice('data: '.length) ?? '')).toEqual(TRICKY);
  });

  it('a heartbeat is a comment', () => {
    expect(sse.heartbeat).toMatch(/^:.*\n\n$/);
  });
});

describe('NDJSON', () => {
  it('is one object a line, that begins with the name', () => {
    expect(ndjson.encode('section', { a: 1 })).toBe('{"event":"section","a":1}\n');
    const [line, ...rest] = ndjson.encode('error', TRICKY).split('\n');
    expect(JSON.parse(line ?? '')).toEqual({ event: 'error', ...TRICKY });
    expect(rest).toEqual(['']);
  });

  it('has no heartbeat: there is no way to say nothing', () => {
    expect(ndjson.heartbeat).toBeUndefined();
  });
});

describe('a section', () => {
  const order = { id: 'o', status: 's', totalCents: 1, currency: 'EUR', placedAt: 'p' };
  const around = { source: 'orders', elapsedMs: 12.6, attempts: 2 } as const;
  const said = { source: 'orders', elapsedMs: 13 };

  it.each<[what: string, section: Section, event: object]>([
    [
      'fresh',
      { ...around, status: 'fresh', data: { value: [order] } },
      { ...said, status: 'fresh', data: [order] },
    ],
    [
      'fresh enough not to ask',
      { ...around, status: 'fresh', data: { value: [] }, ageMs: 7.2 },
      { ...said, status: 'fresh', data: [], ageMs: 7 },
    ],
    [
      'stale',
      { ...around, status: 'stale', data: { value: [] }, reason: 'saturated', ageMs: 99.9 },
      { ...said, status: 'stale', data: [], reason: 'saturated', ageMs: 100 },
    ],
    [
      'missing',
      { ...around, status: 'missing', reason: 'timeout', message: 'm', retryable: true },
      { ...said, status: 'missing', data: null, reason: 'timeout' },
    ],
  ])('that is %s', (_what, section, event) => {
    expect(sectionEvent(section)).toEqual(event);
    expect(SectionEventSchema.parse(event)).toEqual(event);
  });
});
