import { describe, expect, it } from '@jest/globals';
import { Balanced } from '../../test/support/balanced.ts';

const ejectedOf = ({ balancer }: Balanced): string[] =>
  balancer
    .status()
    .filter(({ ejectedUntil }) => ejectedUntil !== undefined)
    .map(({ address }) => address);

describe('an instance that fails again and again', () => {
  it('is not picked for 5 s', () => {
    const balanced = new Balanced('abc');
    balanced.fail('a', 4);
    expect(ejectedOf(balanced)).toEqual([]);
    balanced.fail('a', 1);
    expect(balanced.status('a').ejectedUntil).toBe(balanced.clock.now() + 5_000);
    expect(balanced.balancer.counts).toEqual({ available: 2, ejected: 1 });
    for (const name of 'bc') balanced.instance(name).inFlight = 1_000;
    balanced.clock.advance(4_999);
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(1);
    expect(balanced.shares().a).toBeGreaterThan(0);
    expect(ejectedOf(balanced)).toEqual([]);
  });

  it('is ejected also when an answer comes now and then', () => {
    const balanced = new Balanced('abc');
    for (let round = 0; round < 3; round += 1) {
      balanced.fail('a', 3);
      balanced.answer('a');
    }
    expect(ejectedOf(balanced)).toEqual(['a']);
  });

  it.each(['abandoned', 'limited', 'none'] as const)('has %s attempts not counted', (evidence) => {
    const balanced = new Balanced('abc');
    balanced.fail('a', 4);
    for (let time = 0; time < 20; time += 1) balanced.end('a', evidence);
    expect(ejectedOf(balanced)).toEqual([]);
    balanced.fail('a', 1);
    expect(ejectedOf(balanced)).toEqual(['a']);
  });

  it('is ejected for longer the next time', () => {
    const balanced = new Balanced('abc');
    balanced.fail('a');
    balanced.clock.advance(5_000);
    balanced.fail('a');
    expect(balanced.status('a').ejectedUntil).toBe(balanced.clock.now() + 10_000);
  });

  it('is not ejected again by what comes in from before', () => {
    const balanced = new Balanced('abcdef');
    balanced.fail('a');
    balanced.clock.advance(4_999);
    balanced.fail('a', 20);
    balanced.clock.advance(1);
    expect(ejectedOf(balanced)).toEqual([]);
  });

  it('is told to who listens', () => {
    const balanced = new Balanced('abc');
    const told: unknown[] = [];
    balanced.balancer.onEject(({ address }, forMs) => told.push([address, forMs]));
    balanced.fail('a', 7);
    expect(told).toEqual([['a', 5_000]]);
  });
});

describe('how many are ejected at once', () => {
  it.each([
    ['a', 0],
    ['ab', 1],
    ['abc', 1],
    ['abcd', 1],
    ['abcde', 1],
    ['abcdef', 2],
    ['abcdefghi', 3],
  ])('is bounded: of %s at most %d', (names, most) => {
    const balanced = new Balanced(names);
    for (const name of names) balanced.fail(name, 10);
    expect(ejectedOf(balanced)).toEqual(names.split('').slice(0, most));
  });

  it('leaves room for the next one when one is back', () => {
    const balanced = new Balanced('abc');
    balanced.fail('a');
    balanced.fail('b', 10);
    balanced.clock.advance(5_000);
    expect(ejectedOf(balanced)).toEqual([]);
    balanced.fail('b', 1);
    expect(ejectedOf(balanced)).toEqual(['b']);
  });

  it('is none when the only other one goes', () => {
    const balanced = new Balanced('ab');
    balanced.fail('a');
    balanced.update('a');
    expect(balanced.pick()).toBe('a');
    expect(ejectedOf(balanced)).toEqual([]);
    expect(balanced.balancer.counts).toEqual({ available: 1, ejected: 0 });
  });

  it('does not matter any more when fewer than half are left: all are used', () => {
    const balanced = new Balanced('abcdef');
    balanced.fail('a');
    balanced.fail('b');
    balanced.update('abcd');
    expect(balanced.shares()).toMatchObject({ a: 0, b: 0 });
    balanced.update('abc');
    for (const name of 'ab') balanced.instance(name).inFlight = 0;
    balanced.instance('c').inFlight = 1_000;
    expect(balanced.shares().a).toBeGreaterThan(0.3);
    expect(balanced.shares().b).toBeGreaterThan(0.3);
    expect(balanced.hasUntried('c')).toBe(true);
    expect(balanced.balancer.counts).toEqual({ available: 1, ejected: 2 });
  });
});

describe('an instance that is back', () => {
  it('starts with a tenth of its share, which grows to all of it within 10 s', () => {
    const balanced = new Balanced('abc');
    balanced.answer('abc');
    balanced.fail('a');
    balanced.clock.advance(5_000);
    expect(balanced.shares().a).toBeCloseTo(0.1 / 2.1, 1);
    expect(balanced.shares().a).toBeGreaterThan(0);
    balanced.clock.advance(5_000);
    expect(balanced.shares().a).toBeCloseTo(0.55 / 2.55, 1);
    balanced.clock.advance(5_000);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('has done so also when nobody looked when its time was over', () => {
    const balanced = new Balanced('abc');
    balanced.fail('a');
    balanced.clock.advance(15_000);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is learnt of from its first answer on, also when nobody looked in between', () => {
    const balanced = new Balanced('abc');
    balanced.fail('a');
    balanced.clock.advance(6_000);
    balanced.answer('a', 30);
    expect(balanced.status('a').latencyMs).toBe(30);
  });

  it('is not held to what was known of it before', () => {
    const balanced = new Balanced('abc');
    balanced.answer('abc');
    for (let time = 0; time < 5; time += 1) balanced.end('a', 'failed', 1_500);
    expect(balanced.status('a').latencyMs).toBe(1_500);
    balanced.clock.advance(4_999);
    balanced.fail('a', 50);
    balanced.clock.advance(1);
    expect(balanced.status('a').latencyMs).toBeUndefined();
    balanced.clock.advance(10_000);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });
});
