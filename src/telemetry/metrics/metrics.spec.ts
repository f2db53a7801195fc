import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { outboundCall } from '../../../test/support/outbound.ts';
import { samplesOf } from '../../../test/support/scrape.ts';
import type { RequestEnd, SectionEnd } from '../../context/request/request-end.ts';
import { Attempt, type AttemptKind, type Outcome } from '../../outbound/call/attempt.ts';
import { Metrics } from './metrics.ts';

/** The listeners by themselves: what is told of is what is counted. */

const FRESH: SectionEnd = { source: 'thing', status: 'fresh', elapsedMs: 1, attempts: 1 };
const END: RequestEnd = {
  status: 'success',
  statusCode: 200,
  requestId: 'request-1',
  traceparent: undefined,
  durationMs: 300,
  slackMs: 1_200,
  sections: [FRESH],
};

/** Every sample of a name that is not 0, by the values of its labels. */
async function figures(metrics: Metrics, name: string): Promise<Record<string, number>> {
  const samples = samplesOf(await metrics.text()).filter((sample) => sample.name === name);
  return Object.fromEntries(
    samples
      .filter(({ value }) => value !== 0)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  );
}

function attempted(metrics: Metrics, kind: AttemptKind, outcome: Outcome, tookMs: number): void {
  const call = outboundCall(new VirtualClock());
  const attempt = new Attempt(kind);
  attempt.startedAt = 1_000;
  attempt.endedAt = 1_000 + tookMs;
  attempt.outcome = outcome;
  metrics.outbound.attemptEnded(call, attempt);
  call.dispose();
}

describe('requests', () => {
  it('are counted and timed by how they ended, with what was left of the deadline', async () => {
    const metrics = new Metrics(['thing']);
    metrics.requests.requestEnded(END);
    metrics.requests.requestEnded({ ...END, status: 'failure', durationMs: 1_440, slackMs: 60 });
    const of = (name: string) => figures(metrics, `aggregator_${name}`);
    expect(await of('requests_total')).toEqual({ success: 1, failure: 1 });
    expect(await of('request_duration_seconds_sum')).toEqual({ success: 0.3, failure: 1.44 });
    expect(await of('request_duration_seconds_bucket')).toMatchObject({
      'success 0.5': 1,
      'failure 1.5': 1,
    });
    expect(await of('request_duration_seconds_bucket')).not.toHaveProperty('success 0.25');
    expect(await of('deadline_slack_seconds_sum')).toEqual({ '': 1.26 });
    expect(await of('deadline_slack_seconds_count')).toEqual({ '': 2 });
  });

  it('without slack or sections move neither', async () => {
    const metrics = new Metrics(['thing']);
    const bare = { ...END, slackMs: undefined, sections: undefined };
    metrics.requests.requestEnded({ ...bare, status: 'rejected' });
    expect(await figures(metrics, 'aggregator_deadline_slack_seconds_count')).toEqual({});
    expect(await figures(metrics, 'aggregator_sections_total')).toEqual({});
  });

  it('that were cancelled move no section, whatever was known of them', async () => {
    const metrics = new Metrics(['thing']);
    metrics.requests.requestEnded({ ...END, status: 'cancelled', slackMs: undefined });
    expect(await figures(metrics, 'aggregator_sections_total')).toEqual({});
  });

  it('say of each section what became of it and why', async () => {
    const metrics = new Metrics(['thing']);
    const stale: SectionEnd = { ...FRESH, status: 'stale', reason: 'circuit_open', ageMs: 5 };
    const missing: SectionEnd = { ...FRESH, status: 'missing', reason: 'timeout' };
    metrics.requests.requestEnded({ ...END, sections: [FRESH, stale, missing, missing] });
    expect(await figures(metrics, 'aggregator_sections_total')).toEqual({
      'thing fresh ': 1,
      'thing stale circuit_open': 1,
      'thing missing timeout': 2,
    });
  });

  it('that were shed say for what', async () => {
    const metrics = new Metrics([]);
    for (const reason of ['heap', 'heap', 'event_loop'] as const) metrics.requests.shed(reason);
    expect(await figures(metrics, 'aggregator_shed_total')).toEqual({ heap: 2, event_loop: 1 });
  });
});

describe('attempts', () => {
  it('are counted and timed by kind and outcome', async () => {
    const metrics = new Metrics(['thing']);
    attempted(metrics, 'first', 'timeout', 700);
    attempted(metrics, 'retry', 'ok', 30);
    attempted(metrics, 'hedge', 'cancelled', 10);
    attempted(metrics, 'hedge', 'cancelled', 20);
    expect(await figures(metrics, 'aggregator_attempts_total')).toEqual({
      'thing first timeout': 1,
      'thing retry ok': 1,
      'thing hedge cancelled': 2,
    });
    const took = await figures(metrics, 'aggregator_attempt_duration_seconds_sum');
    expect(took['thing first timeout']).toBeCloseTo(0.7);
    expect(took['thing hedge cancelled']).toBeCloseTo(0.03);
  });
});

it('what changed about the sources is counted', async () => {
  const metrics = new Metrics(['thing', 'other']);
  const { outbound } = metrics;
  outbound.breakerChanged('thing', 'open');
  outbound.breakerChanged('thing', 'half_open');
  outbound.breakerChanged('thing', 'open');
  outbound.instanceEjected('other');
  outbound.memory('thing', 'hit');
  outbound.discoveryChanged('thing', 'no such file');
  const of = (name: string) => figures(metrics, `aggregator_${name}`);
  expect(await of('breaker_changes_total')).toEqual({ 'thing open': 2, 'thing half_open': 1 });
  expect(await of('ejections_total')).toEqual({ other: 1 });
  expect(await of('memory_events_total')).toEqual({ 'thing hit': 1 });
  expect(await of('discovery_failing')).toEqual({ thing: 1 });
  outbound.discoveryChanged('thing', undefined);
  expect(await of('discovery_failing')).toEqual({});
});

it("Node's own metrics are there once, whatever the number of apps", async () => {
  const texts = await Promise.all([new Metrics(['thing']).text(), new Metrics(['thing']).text()]);
  for (const text of texts) {
    expect(text.match(/^# TYPE nodejs_eventloop_lag_seconds /gm)).toHaveLength(1);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
      'nodejs_active_handles',
      'nodejs_gc_duration_seconds',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  }
});

it('what is read while it is being read is read whole', async () => {
  const metrics = new Metrics(['thing']);
  metrics.requests.requestEnded(END);
  const [one, other] = await Promise.all([metrics.text(), metrics.text()]);
  const ours = (text: string) =>
    samplesOf(text).filter(({ name }) => name.startsWith('aggregator_'));
  expect(ours(one)).toEqual(ours(other));
  expect(ours(one).length).toBeGreaterThan(100);
});
