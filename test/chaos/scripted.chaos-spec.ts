import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SOURCE_NAMES, type SourceName } from '../../src/clients/sources.ts';
import { Outbound } from '../../src/outbound/outbound.ts';
import { Ordeal, PLAIN } from './support/ordeal.ts';
import type { Fault } from './support/proxy/faults.ts';
import { instancesOf } from './support/proxy/fault-proxy.ts';
import { expectNone } from './support/report.ts';
import { scriptedSchedule, type PlannedTrouble } from './support/schedule.ts';
import { Stage } from './support/stage.ts';

/** One fault at a time, at one instance of a source and then at both, under mixed traffic; then it must be well again. */

const FAULTS: readonly Fault[] = [
  { kind: 'none' },
  { kind: 'latency', ms: 80, jitterMs: 80 },
  { kind: 'latency', ms: 900, jitterMs: 0 },
  { kind: 'hang', at: 'before it' },
  { kind: 'hang', at: 'in the body' },
  { kind: 'reset', at: 'before it' },
  { kind: 'reset', at: 'in the body' },
  { kind: 'reset', at: 'after it' },
  { kind: 'half_close', at: 'before it' },
  { kind: 'half_close', at: 'in the body' },
  { kind: 'half_close', at: 'after it' },
  { kind: 'garbage', at: 'in the status line', bytes: 20 },
  { kind: 'garbage', at: 'in the body', bytes: 20 },
  { kind: 'double_answer' },
  { kind: 'interim_answer' },
  { kind: 'small_packets', bytes: 9 },
  { kind: 'slow_drip', everyMs: 10 },
  { kind: 'bandwidth', bytesPerSecond: 1_000 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, retryAfterS: 1 },
  { kind: 'refused_connection' },
  { kind: 'ignored_connection' },
  { kind: 'idle_close', afterMs: 5 },
];

const PACE = { lengthMs: 800, perSecond: 120 };
const [ONE_ILL_MS, BOTH_ILL_MS] = [100, 450];
/** The first ejection of an instance, and time for the balancer to try it again. */
const RETURNS_WITHIN_MS = 5_000 + 5_000;

/** Every fault in its turn at another source, over another transport, with few permits or many; the same in every run. */
const TURNS = FAULTS.map((fault, index) => ({
  fault,
  source: SOURCE_NAMES[index % SOURCE_NAMES.length] as SourceName,
  TRANSPORT: index % 2 === 0 ? 'undici' : 'axios',
  permits: index % 4 < 2 ? '2' : '12',
  seed: 1_000 + index,
}));

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

it.each(TURNS)('$fault at $source over $TRANSPORT with $permits permits', async (turn) => {
  const { fault, source, TRANSPORT, permits, seed } = turn;
  const { 0: one, 1: other } = instancesOf(source);
  const troubles: PlannedTrouble[] = [
    { atMs: ONE_ILL_MS, instance: one, trouble: fault },
    { atMs: BOTH_ILL_MS, instance: other, trouble: fault },
  ];
  const ordeal = await Ordeal.start(stage, { TRANSPORT, SOURCE_MAX_CONCURRENT: permits });
  try {
    const outcome = await ordeal.run(scriptedSchedule(seed, PACE, troubles));
    expectNone(`${JSON.stringify(fault)} at ${source}`, outcome);
    // Nobody counts the connections that are refused.
    if (fault.kind !== 'none' && fault.kind !== 'refused_connection')
      expect(outcome.struck).toBeGreaterThan(0);
  } finally {
    await ordeal.stop();
  }
});

it('an instance that was ejected is asked again once it may return', async () => {
  const ordeal = await Ordeal.start(stage, {});
  try {
    await stage.proxy.begin(1);
    await stage.proxy.set({ 'orders-1': { kind: 'refused_connection' } });
    await meanwhile(ordeal, 5_000, () => ejectedOf(ordeal) === 1);
    const { instances } = await stage.proxy.lift();
    const before = instances['orders-1']?.requests ?? 0;
    await meanwhile(ordeal, RETURNS_WITHIN_MS, async () => {
      const report = await stage.proxy.report();
      return (report.instances['orders-1']?.requests ?? 0) > before;
    });
  } finally {
    await ordeal.stop();
  }
});

/** Asks until it is so. */
async function meanwhile(
  ordeal: Ordeal,
  withinMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  for (let asked = 0; !(await isSo()); asked += 1) {
    if (performance.now() > giveUpAt) throw new Error(`never came, in ${asked} requests`);
    await ordeal.answer({ ...PLAIN, userId: `user-${asked}` });
  }
}

function ejectedOf({ service }: Ordeal): number {
  for (const { name, balancer } of service.app.nest.get(Outbound).sources)
    if (name === 'orders') return balancer.counts.ejected;
  return 0;
}
