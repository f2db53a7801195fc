import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { Deadline } from '../../context/deadline.ts';
import { present, type Section } from '../section.ts';
import { streamOf } from './dashboard.stream.ts';
import type { Encoding } from './events.ts';
import { ndjson } from './ndjson.ts';

/** The body of a stream: when it begins, how it goes on, and what its end takes with it. */

const plain: Encoding = {
  contentType: 'text/plain',
  encode: (event, data) => `${event} ${JSON.stringify(data)}\n`,
  heartbeat: ':\n',
};
const section = (source: Section['source'], value: unknown = []): Section =>
  present(source, { value }, 1, 1);

function streaming(totalMs = 1_500, encoding: Encoding = plain) {
  const clock = new VirtualClock();
  const deadline = new Deadline(clock, clock.now(), totalMs, 60);
  const sections = new Subject<Section>();
  const seen: { bodies: Readable[]; errors: unknown[]; isOver: boolean } = {
    bodies: [],
    errors: [],
    isOver: false,
  };
  const subscription = streamOf(sections, {
    encoding,
    deadline,
    clock,
    complete: (landed) => landed.map(({ source }) => source),
    problem: (error) => ({ problem: error }),
  }).subscribe({
    next: (body) => seen.bodies.push(body),
    error: (error: unknown) => seen.errors.push(error),
    complete: () => (seen.isOver = true),
  });
  const body = (): Readable => {
    const [only, ...more] = seen.bodies;
    if (only === undefined || more.length > 0) throw new Error('not one body');
    return only;
  };
  return { clock, sections, seen, subscription, body };
}

describe('the body', () => {
  it('comes with the first section, and is all that comes', () => {
    const { sections, seen, body } = streaming();
    expect(seen.bodies).toEqual([]);
    sections.next(section('user', 'v'));
    expect(body().read()).toBe(
      'section {"source":"user","status":"fresh","data":"v","elapsedMs":1}\n',
    );
    expect(seen.isOver).toBe(true);
    sections.next(section('orders'));
    expect(body().read()).toContain('"orders"');
  });

  it('ends with what all sections make together', async () => {
    const { clock, sections, body } = streaming();
    sections.next(section('user'));
    sections.next(section('orders'));
    sections.complete();
    expect((await body().toArray()).join('')).toMatch(/\ncomplete \["user","orders"\]\n$/);
    expect(clock.pending).toBe(0);
  });

  it('ends with the problem where it comes to nothing after all', async () => {
    const { sections, body } = streaming();
    sections.next(section('user'));
    sections.error('why');
    expect((await body().toArray()).join('')).toMatch(/\nerror \{"problem":"why"\}\n$/);
  });

  it('takes what piles up for somebody who does not read', async () => {
    const { sections, body } = streaming();
    const large = 'x'.repeat(1_000_000);
    for (const source of ['user', 'orders', 'recommendations'] as const)
      sections.next(section(source, large));
    sections.complete();
    expect((await body().toArray()).join('').length).toBeGreaterThan(3_000_000);
  });

  it('destroyed, cancels every call and says nothing more', async () => {
    const { clock, sections, body } = streaming(600_000);
    sections.next(section('user'));
    body().destroy();
    await once(body(), 'close');
    expect(sections.observed).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('before the first section', () => {
  it('a failure is an error, and there is no body', () => {
    const { sections, seen } = streaming();
    sections.error('why');
    expect(seen).toEqual({ bodies: [], errors: ['why'], isOver: false });
  });

  it('unsubscribing cancels every call', () => {
    const { sections, subscription } = streaming();
    subscription.unsubscribe();
    expect(sections.observed).toBe(false);
  });
});

describe('a heartbeat', () => {
  it('comes every 15 s while nothing else is to be read, until the end', () => {
    const { clock, sections, body } = streaming(600_000);
    sections.next(section('user'));
    body().read();
    clock.advance(14_999);
    expect(body().read()).toBeNull();
    clock.advance(1);
    expect(body().read()).toBe(':\n');
    clock.advance(15_000);
    clock.advance(15_000);
    // The second one found the first unread.
    expect(body().read()).toBe(':\n');
    sections.complete();
    expect(clock.pending).toBe(0);
  });

  it.each<[string, number, Encoding]>([
    ['the deadline comes first', 15_000, plain],
    ['there is no way to say it', 600_000, ndjson],
  ])('has no timer where %s', (_why, totalMs, encoding) => {
    const { clock, sections } = streaming(totalMs, encoding);
    sections.next(section('user'));
    expect(clock.pending).toBe(0);
  });
});
