import { describe, expect, it } from '@jest/globals';
import {
  addresses,
  heard,
  HeardDiscovery,
  pass,
  ScriptedLookup,
} from '../../../test/support/discovery.ts';
import { seededRandom, VirtualClock } from '../../../test/support/virtual-clock.ts';
import { systemClock } from '../../context/clock.ts';
import { Refreshing } from './refreshing.ts';

/** A registry, and what is heard of it. @param random 0.5 is the middle of every range */
function refreshing(random = () => 0.5) {
  const clock = new VirtualClock();
  const lookup = new ScriptedLookup(clock);
  const discovery = new Refreshing(lookup, clock, random);
  const listener = new HeardDiscovery();
  const start = async () => {
    discovery.start(listener);
    await heard();
  };
  return { clock, lookup, discovery, listener, start };
}

const A = addresses('http://a:1');
const AB = addresses('http://a:1', 'http://b:1');

describe('the list', () => {
  it('is asked for at once, and said when it is there', async () => {
    const { lookup, listener, start } = refreshing();
    lookup.answer = AB;
    await start();
    expect(listener.last).toEqual(AB);
  });

  it('is said again only when it differs: not for its order, nor for what is listed twice', async () => {
    const { clock, lookup, listener, start } = refreshing();
    lookup.answer = AB;
    await start();
    lookup.answer = [...AB].toReversed();
    await pass(clock, 20_000);
    lookup.answer = [...AB, ...AB];
    await pass(clock, 20_000);
    expect(listener.events).toEqual(['found http://a:1 http://b:1']);
    lookup.answer = A;
    await pass(clock, 6_000);
    expect(listener.events.at(-1)).toBe('found http://a:1');
  });

  it('is said again when only a weight or a name differs', async () => {
    const { clock, lookup, listener, start } = refreshing();
    lookup.answer = [{ origin: 'http://a:1', weight: 1, hostname: 'a' }];
    await start();
    lookup.answer = [{ origin: 'http://a:1', weight: 2, hostname: 'a' }];
    await pass(clock, 6_000);
    lookup.answer = [{ origin: 'http://a:1', weight: 2, hostname: 'b' }];
    await pass(clock, 6_000);
    expect(listener.events).toHaveLength(3);
    expect(listener.last).toEqual([{ origin: 'http://a:1', weight: 2, hostname: 'b' }]);
  });

  it('has each origin once, with the greatest of its weights, whichever comes first', async () => {
    const { clock, lookup, listener, start } = refreshing();
    const light = { origin: 'http://a:1', weight: 1, hostname: 'x' };
    const heavy = { origin: 'http://a:1', weight: 3, hostname: 'z' };
    const asHeavy = { origin: 'http://a:1', weight: 3, hostname: 'y' };
    lookup.answer = [light, heavy, asHeavy];
    await start();
    expect(listener.last).toEqual([asHeavy]);
    lookup.answer = [asHeavy, heavy, light];
    await pass(clock, 6_000);
    expect(listener.events).toHaveLength(1);
  });

  it('stays when the registry fails or knows nobody, however often it flaps', async () => {
    const { clock, lookup, listener, start } = refreshing();
    lookup.answer = A;
    await start();
    for (let second = 0; second < 120; second += 1) {
      lookup.answer = [A, new Error('down'), [], [...A, ...A]][second % 4] ?? [];
      await pass(clock, 1_000);
    }
    expect(listener.last).toEqual(A);
    expect(listener.events.filter((event) => event.startsWith('found'))).toHaveLength(1);
  });
});

describe('failing', () => {
  it('is said once, whatever it is that fails, and so is that it is over', async () => {
    const { clock, lookup, listener, start } = refreshing();
    lookup.answer = new Error('down');
    await start();
    await pass(clock, 20_000);
    lookup.answer = [];
    await pass(clock, 20_000);
    lookup.answer = A;
    await pass(clock, 20_000);
    lookup.answer = [];
    await pass(clock, 20_000);
    expect(listener.events).toEqual([
      'failing: down',
      'recovered',
      'found http://a:1',
      'failing: no instance is listed',
    ]);
  });

  it('has something to say when the error has not', async () => {
    const { lookup, listener, start } = refreshing();
    lookup.answer = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
    await start();
    expect(listener.events).toEqual(['failing: ECONNREFUSED']);
  });

  it('asks again after 250 ms, then less and less often, at most every 5 s', async () => {
    const { clock, lookup, start } = refreshing();
    lookup.answer = new Error('down');
    await start();
    await pass(clock, 30_000);
    expect(lookup.pauses.slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('asks at most as often as it would if all were well', async () => {
    const { clock, lookup, start } = refreshing();
    lookup.refreshMs = 1_000;
    lookup.answer = [];
    await start();
    await pass(clock, 5_000);
    expect(lookup.pauses.slice(0, 4)).toEqual([250, 500, 1_000, 1_000]);
  });

  it('hurries anew after each good answer', async () => {
    const { clock, lookup, start } = refreshing();
    lookup.answer = new Error('down');
    await start();
    await pass(clock, 10_000);
    lookup.answer = A;
    await pass(clock, 10_000);
    lookup.answer = new Error('down');
    await pass(clock, 10_000);
    expect(lookup.pauses.filter((pause) => pause === 250)).toHaveLength(2);
  });

  it('ends as soon as the registry is there', async () => {
    const { clock, lookup, listener, start } = refreshing();
    lookup.answer = new Error('not up yet');
    await start();
    await pass(clock, 1_000);
    lookup.answer = A;
    await pass(clock, 1_000);
    expect(listener.last).toEqual(A);
  });
});

describe('the refresh', () => {
  it('comes every 5 s ±20 %', async () => {
    const { clock, lookup, start } = refreshing(seededRandom(7));
    lookup.answer = A;
    await start();
    await pass(clock, 600_000);
    const pauses = lookup.pauses.slice(1);
    expect(pauses.length).toBeGreaterThan(100);
    // Time passes in steps of 50 ms here.
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(4_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(6_050);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(1_500);
  });

  it('comes the first time anywhere within 5 s, so that a fleet that starts together spreads', async () => {
    const firsts: number[] = [];
    for (let seed = 1; seed <= 50; seed += 1) {
      const { clock, lookup, start } = refreshing(seededRandom(seed));
      lookup.answer = A;
      await start();
      await pass(clock, 5_100);
      firsts.push(lookup.pauses[0] ?? NaN);
    }
    expect(Math.min(...firsts)).toBeLessThan(1_000);
    expect(Math.max(...firsts)).toBeGreaterThan(4_000);
    expect(Math.max(...firsts)).toBeLessThanOrEqual(5_050);
  });

  it('does not ask a second time while the first is not answered', async () => {
    const { clock, lookup, start } = refreshing();
    lookup.isHolding = true;
    await start();
    await pass(clock, 60_000);
    expect(lookup.askedAt).toHaveLength(1);
  });
});

describe('stopping', () => {
  it('leaves no timer', async () => {
    const { clock, lookup, discovery, start } = refreshing();
    lookup.answer = A;
    await start();
    expect(clock.pending).toBe(1);
    discovery.stop();
    expect(clock.pending).toBe(0);
    await pass(clock, 60_000);
    expect(lookup.askedAt).toHaveLength(1);
  });

  it('is not what a process that is done waits for: the timer does not keep it alive', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const lookup = new ScriptedLookup(new VirtualClock());
    lookup.answer = A;
    const discovery = new Refreshing(lookup, systemClock, () => 0.5);
    const listener = new HeardDiscovery();
    const before = timers();
    discovery.start(listener);
    await heard();
    const meanwhile = timers();
    discovery.stop();
    expect(listener.events).toHaveLength(1);
    expect(meanwhile).toBeLessThanOrEqual(before);
  });

  it('gives up the question that is under way, and says nothing of it', async () => {
    const { clock, lookup, discovery, listener, start } = refreshing();
    lookup.answer = A;
    lookup.isHolding = true;
    await start();
    discovery.stop();
    await heard();
    expect(lookup.cancelled).toBe(true);
    expect(listener.events).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
