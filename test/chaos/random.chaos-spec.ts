import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { heapInUse } from './support/leftovers.ts';
import { expectNone } from './support/report.ts';
import { Ordeal } from './support/ordeal.ts';
import { randomSchedule } from './support/schedule.ts';
import { Stage } from './support/stage.ts';

/** Random troubles everywhere at once, under random traffic: both from the seed alone. */

const PROFILES = [
  { TRANSPORT: 'undici' },
  { TRANSPORT: 'axios' },
  { TRANSPORT: 'undici', SOURCE_HEDGE: 'on', SOURCE_ADAPTIVE: 'on' },
  { TRANSPORT: 'axios', SOURCE_HEDGE: 'on', SOURCE_RETRIES: '2' },
  { TRANSPORT: 'undici', SOURCE_FRESH_MS: '150', SOURCE_COALESCE: 'off', SOURCE_RETRIES: '2' },
  { TRANSPORT: 'axios', SOURCE_FRESH_MS: '150', SOURCE_ADAPTIVE: 'on', SOURCE_RETRIES: '0' },
] as const;

/** What the code itself needs once it has been through everything; a call that is kept shows elsewhere. */
const HEAP_MAY_GROW_BYTES = 10e6;

const PACE = { lengthMs: 3_000, perSecond: 120 };

const given = process.env.CHAOS_SEED;
const seeds = given === undefined ? [0, 1, 2, 3, 4, 5, randomInt(1_000_000)] : [Number(given)];

const heapAfterEach: number[] = [];

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

it.each(seeds)(
  'seed %d',
  async (seed) => {
    const profile = PROFILES[seed % PROFILES.length] ?? PROFILES[0];
    const ordeal = await Ordeal.start(stage, profile);
    try {
      const outcome = await ordeal.run(randomSchedule(seed, PACE));
      expectNone(
        `seed ${seed}`,
        outcome,
        `To see it again: CHAOS_SEED=${seed} npm run test:chaos -- --testPathPatterns random`,
      );
    } finally {
      await ordeal.stop();
      heapAfterEach.push(await heapInUse());
    }
  },
  60_000,
);

it('the heap is where it was after the first of them', () => {
  const [first = 0] = heapAfterEach;
  expect((heapAfterEach.at(-1) ?? first) - first).toBeLessThan(HEAP_MAY_GROW_BYTES);
});
