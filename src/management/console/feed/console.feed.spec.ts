import { describe, expect, it } from '@jest/globals';
import { outboundCall, sourceUnderTest } from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import type { RequestEnd, SectionEnd } from '../../../context/request/request-end.ts';
import { Attempt } from '../../../outbound/call/attempt.ts';
import type { IncompleteAnswer, Tick } from '../console.contract.ts';
import { ConsoleFeed } from './console.feed.ts';

/** 1 January 2026, when virtual time begins. */
const EPOCH = Date.UTC(2026, 0, 1);

function watching() {
  const clock = new VirtualClock();
  const begin = clock.now();
  const feed = new ConsoleFeed(clock, () => EPOCH + clock.now() - begin);
  const { runtime } = sourceUnderTest(clock);
  const admission = { inFlight: 7, loopDelayMs: 1.25 };
  const ticks: Tick[] = [];
  const answers: IncompleteAnswer[] = [];
  const ignore = feed.onTick((tick, news) => {
    ticks.push(tick);
    answers.push(...news);
  });
  feed.start({ admission, sources: [runtime] });
  const last = () => ticks.at(-1);
  return { clock, feed, runtime, ticks, answers, last, ignore };
}

const fresh: SectionEnd = { source: 'thing', status: 'fresh', elapsedMs: 12.34, attempts: 1 };
const missing: SectionEnd = {
  source: 'thing',
  status: 'missing',
  reason: 'timeout',
  elapsedMs: 1440,
  attempts: 2,
};

const ended = (over: Partial<RequestEnd> = {}): RequestEnd => ({
  status: 'success',
  statusCode: 200,
  requestId: 'r-1',
  traceparent: undefined,
  durationMs: 20,
  slackMs: 1480,
  sections: [fresh],
  ...over,
});

describe('a second', () => {
  it('holds what ended in it, and the next one begins at zero', () => {
    const { clock, feed, last } = watching();
    feed.requestEnded(ended());
    feed.requestEnded(ended({ status: 'partial_success', slackMs: 60, sections: [missing] }));
    feed.requestEnded(ended({ status: 'shed', slackMs: undefined, sections: undefined }));
    clock.advance(1_000);
    expect(last()?.frame).toMatchObject({
      at: EPOCH + 1_000,
      spanMs: 1_000,
      requests: { success: 1, partial_success: 1, failure: 0, shed: 1 },
      slackMs: { mean: 770, least: 60 },
      inFlight: 7,
      loopDelayMs: 1.3,
      sources: { thing: { fresh: 1, stale: 0, missing: 1 } },
    });
    clock.advance(1_000);
    expect(last()?.frame).toMatchObject({
      requests: { success: 0, partial_success: 0, shed: 0 },
      slackMs: null,
      sources: { thing: { fresh: 0, missing: 0 } },
    });
  });

  it('tells its length where the loop was late', () => {
    const { clock, last } = watching();
    clock.stall(4_000);
    clock.advance(0);
    expect(last()?.frame.spanMs).toBe(4_000);
  });

  it('counts attempts by kind, and by instance as shares that fade', () => {
    const { clock, feed, runtime, last } = watching();
    const call = { ...outboundCall(clock), source: 'thing' };
    const attempt = (kind: 'first' | 'retry' | 'hedge'): Attempt => {
      const made = new Attempt(kind);
      made.instance = runtime.balancer.list[0];
      return made;
    };
    for (const kind of ['first', 'first', 'retry', 'hedge'] as const)
      feed.attemptEnded(call, attempt(kind));
    call.dispose();
    clock.advance(1_000);
    expect(last()?.frame.sources['thing']).toMatchObject({ attempts: 4, retries: 1, hedges: 1 });
    expect(last()?.instances['thing']).toMatchObject([{ address: 'thing', share: 1 }]);
    clock.advance(60_000);
    expect(last()?.instances['thing']).toMatchObject([{ share: 0 }]);
  });

  it('has the changes of the breaker and since when it is not closed', () => {
    const { clock, feed, last } = watching();
    clock.advance(400);
    feed.breakerChanged('thing', 'open', 'closed');
    clock.advance(600);
    expect(last()?.frame.sources['thing']?.breaker).toMatchObject({
      changes: [{ at: EPOCH + 400, to: 'open' }],
      troubledForMs: 600,
    });
    feed.breakerChanged('thing', 'half_open', 'open');
    clock.advance(1_000);
    expect(last()?.frame.sources['thing']?.breaker).toMatchObject({ troubledForMs: 1_600 });
    feed.breakerChanged('thing', 'closed', 'half_open');
    clock.advance(1_000);
    expect(last()?.frame.sources['thing']?.breaker).toMatchObject({ troubledForMs: null });
  });
});

describe('what is remembered', () => {
  it('is the last two minutes, without anybody looking', () => {
    const { clock, feed, ignore, ticks } = watching();
    ignore();
    clock.advance(300_000);
    expect(ticks).toHaveLength(0);
    const { frames } = feed.history;
    expect(frames).toHaveLength(120);
    expect(frames.at(-1)?.at).toBe(EPOCH + 300_000);
  });

  it('is the last fifty incomplete answers, at most ten a second', () => {
    const { clock, feed, answers } = watching();
    for (let second = 0; second < 8; second += 1) {
      for (let n = 0; n < 100; n += 1)
        feed.requestEnded(
          ended({ status: 'failure', statusCode: 504, requestId: `${second}-${n}` }),
        );
      clock.advance(1_000);
    }
    expect(answers).toHaveLength(80);
    expect(feed.history.answers.map(({ requestId }) => requestId)).toEqual(
      answers.slice(-50).map(({ requestId }) => requestId),
    );
  });

  it('has no complete answer, none that is over without sections, and no data of anybody', () => {
    const { clock, feed, answers } = watching();
    feed.requestEnded(ended());
    feed.requestEnded(ended({ status: 'failure', sections: undefined }));
    const withData = { ...missing, data: { name: 'Ada' } };
    feed.requestEnded(ended({ status: 'partial_success', sections: [fresh, withData] }));
    clock.advance(1_000);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.sections).toEqual([
      {
        source: 'thing',
        status: 'fresh',
        reason: null,
        elapsedMs: 12.3,
        ageMs: null,
        attempts: 1,
        plan: null,
      },
      {
        source: 'thing',
        status: 'missing',
        reason: 'timeout',
        elapsedMs: 1440,
        ageMs: null,
        attempts: 2,
        plan: null,
      },
    ]);
    expect(JSON.stringify(answers)).not.toContain('Ada');
  });
});

it('leaves no timer when it is stopped', () => {
  const { clock, feed, runtime, ticks } = watching();
  feed.stop();
  const before = ticks.length;
  clock.advance(5_000);
  expect(ticks).toHaveLength(before);
  void runtime.close();
});
