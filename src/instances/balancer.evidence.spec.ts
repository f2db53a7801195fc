import { describe, expect, it } from '@jest/globals';
import { Balanced } from '../../test/support/balanced.ts';

/** Three that answer in 10 ms. */
function healthy(): Balanced {
  const balanced = new Balanced('abc');
  balanced.answer('abc', 10);
  return balanced;
}

/** One of them fails eight times of nine, which is not enough to be ejected. */
function unsteady(): Balanced {
  const balanced = healthy();
  // What went well before is forgotten.
  balanced.clock.advance(6_000);
  balanced.answer('bc');
  balanced.fail('a', 4);
  balanced.end('a', 'answered', 10);
  balanced.fail('a', 4);
  return balanced;
}

describe('what the end of an attempt costs its instance', () => {
  it('is what an answer took', () => {
    const balanced = healthy();
    balanced.answer('a', 80);
    expect(balanced.status('a').latencyMs).toBe(80);
    expect(balanced.shares().a).toBe(0);
  });

  it('is nothing for the first few failures, which are for the ejection to judge', () => {
    const balanced = healthy();
    balanced.fail('a', 4);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is a latency more with each further failure, however fast it came', () => {
    const balanced = unsteady();
    expect(balanced.status('a').latencyMs).toBe(10);
    for (const name of 'bc') balanced.instance(name).inFlight = 3;
    expect(balanced.shares().a).toBe(0);
    for (const name of 'bc') balanced.instance(name).inFlight = 6;
    expect(balanced.shares().a).toBeGreaterThan(0.5);
  });

  it('wears off after failures', () => {
    const balanced = unsteady();
    balanced.clock.advance(2_000);
    balanced.answer('abc');
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(8_000);
    balanced.answer('abc');
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is bounded, so that one that failed for hours is asked again soon', () => {
    const balanced = new Balanced('ab');
    balanced.fail('b');
    balanced.fail('a', 10_000);
    for (let second = 0; second < 35; second += 1) {
      balanced.clock.advance(1_000);
      balanced.answer('ab');
    }
    expect(balanced.shares().a).toBeCloseTo(0.5, 1);
  });

  it('is at least as long as the attempt lasted when it failed or was abandoned', () => {
    const balanced = healthy();
    for (let time = 0; time < 2; time += 1) {
      balanced.end('a', 'failed', 700);
      balanced.end('b', 'abandoned', 250);
    }
    expect(balanced.status('a').latencyMs).toBe(700);
    expect(balanced.status('b').latencyMs).toBe(250);
    expect(balanced.shares('c').b).toBeCloseTo(1);
    expect(balanced.shares('a').c).toBeCloseTo(1);
  });

  it('is nothing for one slow attempt among fast ones: that is chance', () => {
    const balanced = healthy();
    balanced.end('a', 'answered', 300);
    balanced.end('b', 'abandoned', 300);
    expect(balanced.shares()).toMatchObject({ a: expect.closeTo(1 / 3, 1) });
    expect(balanced.status('a').latencyMs).toBe(10);
  });

  it('is nothing when it was abandoned before it could have answered', () => {
    const balanced = healthy();
    balanced.end('a', 'abandoned', 9);
    expect(balanced.status('a').latencyMs).toBe(10);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is nothing when the end says nothing', () => {
    const balanced = healthy();
    balanced.end('a', 'none', 5_000, 5_000);
    expect(balanced.status('a').latencyMs).toBe(10);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is not taken for its latency when an unknown one fails or is abandoned early', () => {
    const balanced = new Balanced('abc');
    balanced.answer('ab', 10);
    balanced.end('c', 'failed', 1);
    balanced.end('c', 'abandoned', 1);
    expect(balanced.status('c').latencyMs).toBeUndefined();
    expect(balanced.shares().c).toBeCloseTo(1 / 3, 1);
  });
});

describe('an instance that asks to be left alone', () => {
  it('is not picked until then', () => {
    const balanced = healthy();
    balanced.end('a', 'limited', 1, 3_000);
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(2_999);
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(1);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is left alone for a second when it does not say for how long', () => {
    const balanced = healthy();
    balanced.end('a', 'limited', 1);
    balanced.clock.advance(999);
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(1);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is left alone for half a minute at most', () => {
    const balanced = healthy();
    balanced.end('a', 'limited', 1, 86_400_000);
    balanced.clock.advance(29_999);
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(1);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
  });

  it('is not asked sooner because it said less later', () => {
    const balanced = healthy();
    balanced.end('a', 'limited', 1, 5_000);
    balanced.end('a', 'limited', 1, 0);
    balanced.clock.advance(4_000);
    expect(balanced.shares().a).toBe(0);
  });

  it('is left alone after a failure that says so too, and the failure counts', () => {
    const balanced = healthy();
    balanced.end('a', 'failed', 1, 2_000);
    expect(balanced.shares().a).toBe(0);
    balanced.clock.advance(2_000);
    expect(balanced.shares().a).toBeCloseTo(1 / 3, 1);
    balanced.fail('a', 4);
    expect(balanced.status('a').ejectedUntil).toBeDefined();
  });

  it('is used when all others ask for the same', () => {
    const balanced = healthy();
    for (const name of 'abc') balanced.end(name, 'limited', 1, 5_000);
    for (const share of Object.values(balanced.shares())) expect(share).toBeCloseTo(1 / 3, 1);
  });
});

describe('an instance that the call has tried', () => {
  it('is not picked again while there is another', () => {
    const balanced = healthy();
    balanced.instance('c').inFlight = 1_000;
    expect(balanced.shares('ab')).toMatchObject({ a: 0, b: 0 });
    expect(balanced.hasUntried('ab')).toBe(true);
  });

  it('is picked again when there is no other', () => {
    const balanced = healthy();
    expect('abc').toContain(balanced.pick('abc'));
    expect(balanced.hasUntried('abc')).toBe(false);
    expect(new Balanced('a').pick('a')).toBe('a');
    expect(new Balanced('a').hasUntried('a')).toBe(false);
  });

  it('is picked again rather than one that is ejected', () => {
    const balanced = healthy();
    balanced.fail('c');
    expect(balanced.shares('ab').c).toBe(0);
    expect(balanced.hasUntried('ab')).toBe(false);
  });

  it('is picked again rather than one that asks to be left alone, unless it asks for that too', () => {
    const balanced = new Balanced('ab');
    balanced.end('b', 'limited', 1, 5_000);
    expect(balanced.pick('a')).toBe('a');
    expect(balanced.hasUntried('a')).toBe(false);
    balanced.end('a', 'limited', 1, 5_000);
    expect(balanced.pick('a')).toBe('b');
    expect(balanced.hasUntried('a')).toBe(true);
  });

  it('does not matter to attempts that have no instance', () => {
    const balanced = healthy();
    expect(balanced.balancer.hasUntried([{ instance: undefined }])).toBe(true);
    expect(new Balanced('').hasUntried()).toBe(false);
  });
});
