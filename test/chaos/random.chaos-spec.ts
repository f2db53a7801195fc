import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, it } from '@jest/globals';
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

const PACE = { lengthMs: 4_000, perSecond: 120 };

const given = process.env.CHAOS_SEED;
const seeds = given === undefined ? [0, 1, 2, 3, 4, 5, randomInt(1_000_000)] : [Number(given)];

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
      expectNone(`seed ${seed}`, outcome, `To see it again: CHAOS_SEED=${seed} npm run test:chaos`);
    } finally {
      await ordeal.stop();
    }
  },
  60_000,
);
