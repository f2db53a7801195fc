import { describe, expect, it } from '@jest/globals';
import { Balanced } from '../../test/support/balanced.ts';

describe('what discovery finds', () => {
  it('is listed in its order, and counted once each', () => {
    const { balancer } = new Balanced('');
    balancer.update(['b:2', 'a:1', 'b:2'].map((at) => ({ origin: `http://${at}`, weight: 1 })));
    expect(balancer.list.map(({ address }) => address)).toEqual(['b:2', 'a:1']);
    expect(balancer.status()).toEqual(
      ['b:2', 'a:1'].map((address) => ({
        address,
        inFlight: 0,
        latencyMs: undefined,
        weight: 1,
        ejectedUntil: undefined,
      })),
    );
  });

  it('keeps the state of those that are known', () => {
    const balanced = new Balanced('ab');
    const before = balanced.instance('a');
    before.inFlight = 3;
    balanced.answer('a', 70);
    balanced.update('cba');
    expect(balanced.instance('a')).toBe(before);
    expect(balanced.status('a')).toMatchObject({ inFlight: 3, latencyMs: 70 });
  });

  it('starts slowly with a new one, but not with the first of all', () => {
    const balanced = new Balanced('ab');
    expect(balanced.shares().a).toBeCloseTo(0.5, 1);
    balanced.update('abc');
    expect(balanced.shares().c).toBeCloseTo(0.1 / 2.1, 1);
    expect(balanced.shares().c).toBeGreaterThan(0);
    balanced.clock.advance(10_000);
    expect(balanced.shares().c).toBeCloseTo(1 / 3, 1);
  });

  it('does not flood a new one when the others are busy', () => {
    const balanced = new Balanced('ab');
    balanced.answer('ab');
    for (const name of 'ab') balanced.instance(name).inFlight = 5;
    balanced.update('abc');
    expect(balanced.shares().c).toBeLessThan(0.1);
    balanced.instance('c').inFlight = 2;
    expect(balanced.shares().c).toBe(0);
  });

  it('shares evenly when all are new', () => {
    const balanced = new Balanced('ab');
    balanced.update('cd');
    expect(balanced.shares().c).toBeCloseTo(0.5, 1);
  });

  it('is another instance when it has another name at the same address', () => {
    const { balancer } = new Balanced('');
    const named = (hostname?: string) => {
      balancer.update([{ origin: 'https://10.0.0.1', weight: 1, ...(hostname && { hostname }) }]);
      return balancer.list[0];
    };
    const first = named('a.test');
    expect(first?.hostname).toBe('a.test');
    expect(named('a.test')).toBe(first);
    expect(named('b.test')?.hostname).toBe('b.test');
    expect(named()?.hostname).toBeUndefined();
  });
});

describe('an instance that discovery no longer names', () => {
  it('is not picked, and finishes what it does', () => {
    const balanced = new Balanced('ab');
    const gone = balanced.instance('a');
    gone.inFlight = 1;
    balanced.update('b');
    expect(balanced.shares()).toEqual({ b: expect.closeTo(1) });
    gone.inFlight -= 1;
    for (let time = 0; time < 20; time += 1) balanced.balancer.ended(gone, 'failed', 10);
    expect(balanced.balancer.counts).toEqual({ available: 1, ejected: 0 });
  });

  it('takes nobody down with it', () => {
    const balanced = new Balanced('abc');
    const gone = balanced.instance('a');
    const ejected: string[] = [];
    balanced.balancer.onEject(({ address }) => ejected.push(address));
    balanced.update('bc');
    for (let time = 0; time < 20; time += 1) balanced.balancer.ended(gone, 'failed', 10);
    balanced.fail('b');
    expect(ejected).toEqual(['b']);
  });

  it('has its state back when it returns within half a minute: flapping washes nothing off', () => {
    const balanced = new Balanced('abc');
    const flapping = balanced.instance('a');
    flapping.inFlight = 2;
    balanced.fail('a');
    const { ejectedUntil } = balanced.status('a');
    for (let second = 0; second < 4; second += 1) {
      balanced.update(second % 2 === 0 ? 'bc' : 'abc');
      balanced.clock.advance(1_000);
    }
    expect(balanced.instance('a')).toBe(flapping);
    expect(balanced.status('a')).toMatchObject({ inFlight: 2, ejectedUntil });
  });

  it('is a new one when it returns later', () => {
    const balanced = new Balanced('abc');
    const before = balanced.instance('a');
    balanced.update('bc');
    balanced.clock.advance(29_999);
    balanced.update('bc');
    balanced.clock.advance(1);
    balanced.update('abc');
    expect(balanced.instance('a')).not.toBe(before);
    expect(balanced.shares().a).toBeLessThan(0.1);
  });

  it('leaves nothing to pick when it was the last', () => {
    const balanced = new Balanced('ab');
    balanced.pick();
    balanced.update('');
    expect(balanced.pick()).toBeUndefined();
    expect(balanced.hasUntried()).toBe(false);
    expect(balanced.balancer.counts).toEqual({ available: 0, ejected: 0 });
  });
});
