import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answerOf } from '../support/service.ts';
import type { Exchange } from './support/judge/exchange.ts';
import { Ordeal, PLAIN } from './support/ordeal.ts';
import type { Fault } from './support/proxy/faults.ts';
import { Stage } from './support/stage.ts';

/** An answer that breaks at any of its bytes, in both forms that a body may have, is never taken for a whole one. */

/** What may become of such an answer. */
type Reasons = readonly string[];

const BROKEN: Reasons = ['unreachable', 'invalid_response'];
/** With many at once on a busy machine. */
const NO_TIME: Reasons = ['timeout', 'skipped'];

const SWEEPS: readonly [Fault, Reasons][] = [
  [{ kind: 'hang', at: 'at every byte in turn' }, ['timeout']],
  [{ kind: 'reset', at: 'at every byte in turn' }, BROKEN],
  [{ kind: 'half_close', at: 'at every byte in turn' }, BROKEN],
  // One in the words that nobody reads does no harm, one in the status may make it another one.
  [
    { kind: 'garbage', at: 'at every byte in turn', bytes: 1 },
    ['fresh', 'upstream_error', ...BROKEN],
  ],
];

/** Nothing stands in for an answer, and nothing that went wrong before has a say. */
const ONE_ATTEMPT_EACH = {
  DEADLINE_MS: '500',
  SOURCE_RETRIES: '0',
  SOURCE_COALESCE: 'off',
  SOURCE_MAX_CONCURRENT: '1000',
  SOURCE_BREAKER_MIN_CALLS: '100000',
};
const AT_ONCE = 60;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

describe.each(['undici', 'axios'])('over %s', (TRANSPORT) => {
  let ordeal: Ordeal;
  beforeEach(async () => {
    ordeal = await Ordeal.start(stage, { TRANSPORT, ...ONE_ATTEMPT_EACH });
  });
  afterEach(() => ordeal.stop());

  it.each(SWEEPS)('%j', async (fault, reasons) => {
    await stage.proxy.begin(1);
    await stage.proxy.set({ 'orders-1': fault, 'orders-2': fault });
    const met = new Set<string>();
    for (let isCovered = false; !isCovered;) {
      const planned = { ...PLAIN, include: ['user', 'orders'] } as const;
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => ordeal.answer(planned)));
      for (const exchange of all) met.add(reasonOf(exchange));
      const { turns, longest } = (await stage.proxy.report()).sources.orders ?? NOTHING;
      isCovered = turns.length >= longest.length && turns.chunks >= longest.chunks;
    }
    await stage.proxy.lift();
    expect(reasons).toEqual(
      expect.arrayContaining(
        [...met].filter((reason) => !NO_TIME.includes(reason) || reasons.includes(reason)),
      ),
    );
    expect([...met].some((reason) => reasons.includes(reason))).toBe(true);
    expect(await ordeal.leftovers()).toEqual([]);
  });
});

/** Why there are no orders, or that there are. */
function reasonOf({ response }: Exchange): string {
  const report = answerOf(response).sources.orders;
  return report?.status === 'missing' ? report.reason : `${report?.status}`;
}

const NOTHING = { turns: { length: 0, chunks: 0 }, longest: { length: 1, chunks: 1 } };
