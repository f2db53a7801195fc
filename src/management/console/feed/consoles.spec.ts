import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import type { Facts } from '../console.contract.ts';
import { ConsoleFeed } from './console.feed.ts';
import { Consoles } from './consoles.ts';

const FACTS: Facts = {
  version: '1',
  deadlineMs: 1500,
  maxInFlight: 1,
  maxLoopDelayMs: 200,
  explains: false,
  sources: [],
};

/** A page's end of the connection: it reads when a test says so. */
class Reader extends EventEmitter {
  readonly read: string[] = [];
  writableNeedDrain = false;
  isDestroyed = false;
  isEnded = false;

  writeHead(): this {
    return this;
  }

  write(text: string): boolean {
    this.read.push(text);
    return true;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }

  get events(): readonly string[] {
    return this.read.flatMap((text) =>
      [...text.matchAll(/^event: (\w+)/gm)].map(([, name = '']) => name),
    );
  }
}

function opened(readers = 1) {
  const clock = new VirtualClock();
  const feed = new ConsoleFeed(clock, () => clock.now());
  const consoles = new Consoles(feed, FACTS);
  feed.start({ admission: { inFlight: 0, loopDelayMs: 0 }, sources: [] });
  const all = Array.from({ length: readers }, () => new Reader());
  const isOpen = all.map((reader) => consoles.open(reader as unknown as ServerResponse));
  return { clock, feed, consoles, all, isOpen, first: all[0] ?? new Reader() };
}

describe('Consoles', () => {
  it('tells everything at first, and then every second', () => {
    const { clock, first } = opened();
    clock.advance(3_000);
    expect(first.events).toEqual(['hello', 'frame', 'frame', 'frame']);
  });

  it('tells of incomplete answers with the second that they came in', () => {
    const { clock, feed, first } = opened();
    feed.requestEnded({
      status: 'failure',
      statusCode: 504,
      requestId: 'r',
      traceparent: undefined,
      durationMs: 1,
      slackMs: 1,
      sections: [],
    });
    clock.advance(1_000);
    expect(first.events).toEqual(['hello', 'frame', 'partial']);
  });

  it('buffers nothing for who does not read, and tells everything once it reads again', () => {
    const { clock, first } = opened();
    first.writableNeedDrain = true;
    clock.advance(5_000);
    expect(first.events).toEqual(['hello']);
    first.writableNeedDrain = false;
    clock.advance(2_000);
    expect(first.events).toEqual(['hello', 'hello', 'frame']);
  });

  it('gives up who has not read for half a minute', () => {
    const { clock, first, consoles } = opened();
    first.writableNeedDrain = true;
    clock.advance(30_000);
    expect(first.isDestroyed).toBe(false);
    clock.advance(1_000);
    expect(first.isDestroyed).toBe(true);
    expect(consoles.count).toBe(0);
  });

  it('has room for twenty, and for another one when one leaves', () => {
    const { consoles, isOpen, first } = opened(21);
    expect(isOpen.filter(Boolean)).toHaveLength(20);
    first.emit('close');
    expect(consoles.open(new Reader() as unknown as ServerResponse)).toBe(true);
  });

  it('ends all of them when it closes, and tells nobody any more', () => {
    const { clock, consoles, all } = opened(3);
    consoles.close();
    clock.advance(2_000);
    expect(all.map(({ isEnded }) => isEnded)).toEqual([true, true, true]);
    expect(all.flatMap(({ events }) => events)).toEqual(['hello', 'hello', 'hello']);
  });
});
