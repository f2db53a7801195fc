import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { Deadline } from '../context/deadline.ts';
import { Attempt } from '../outbound/call/attempt.ts';
import { callOf } from '../outbound/call/call-context.ts';
import { planInShort, planOf } from './dashboard.plan.ts';

function planned() {
  const clock = new VirtualClock();
  const arrivedAt = clock.now();
  const deadline = new Deadline(clock, arrivedAt, 1_500, 60);
  const call = callOf({ requestId: 'request-1', deadline, forwarded: [], audience: '' });
  const attempt = (startMs: number, end: Partial<Attempt>, kind: Attempt['kind'] = 'first') => {
    const made = Object.assign(new Attempt(kind), { startedAt: arrivedAt + startMs, ...end });
    made.instance = { origin: 'http://a:80', address: 'a:80', weight: 1, inFlight: 0 };
    made.number = call.trail.add(made);
  };
  return { clock, arrivedAt, deadline, call, attempt };
}

describe('a plan', () => {
  it('is what the call met, in ms from the arrival of the request, to a tenth', () => {
    const { arrivedAt, deadline, call, attempt } = planned();
    Object.assign(call.trail, { queuedMs: 3.14, breaker: 'half_open' });
    attempt(4.04, { endedAt: arrivedAt + 704.16, outcome: 'timeout' });
    attempt(712.92, { endedAt: arrivedAt + 751, outcome: 'ok' }, 'retry');
    expect(planOf(call, deadline)).toEqual({
      cache: 'miss',
      coalesced: false,
      queuedMs: 3.1,
      breaker: 'half_open',
      attempts: [
        {
          number: 1,
          kind: 'first',
          instance: 'a:80',
          startMs: 4,
          endMs: 704.2,
          outcome: 'timeout',
        },
        { number: 2, kind: 'retry', instance: 'a:80', startMs: 712.9, endMs: 751, outcome: 'ok' },
      ],
    });
  });

  it('has an attempt that the answer did not wait for as cancelled, now', () => {
    const { clock, deadline, call, attempt } = planned();
    attempt(5, {});
    clock.advance(20);
    expect(planOf(call, deadline).attempts).toMatchObject([{ endMs: 20, outcome: 'cancelled' }]);
  });
});

describe('a plan in short', () => {
  const PLAN = {
    cache: 'miss',
    coalesced: false,
    queuedMs: 0,
    breaker: 'closed',
    attempts: [],
  } as const;

  it.each([
    [{}, 'cache miss'],
    [{ cache: 'stale', breaker: 'open' } as const, 'cache stale, breaker open'],
    [{ coalesced: true, queuedMs: 3.1 }, 'cache miss, coalesced, queued 3.1ms'],
  ])('leaves out what is as usual: %j', (change, short) => {
    expect(planInShort({ ...PLAN, attempts: [], ...change })).toBe(short);
  });
});
