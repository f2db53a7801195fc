import { SOURCE_NAMES, type SourceName } from '../../../src/clients/sources.ts';
import type { Random } from '../../../src/instances/balancer.ts';
import { seededRandom } from '../../support/virtual-clock.ts';
import { PLACES, type Fault, type FaultKind, type FaultOf, type Trouble } from './proxy/faults.ts';
import { INSTANCES, type InstanceName } from './proxy/fault-proxy.ts';
import { UNKNOWN } from './sources/personal-data.ts';

/** What will happen, decided before anything does: who asks what and when, and what goes wrong where and when. */

export interface PlannedRequest {
  /** Since the start, in ms, as all times here. */
  readonly atMs: number;
  readonly userId: string;
  readonly include: readonly SourceName[] | undefined;
  readonly require: readonly SourceName[];
  /** The caller's own deadline. */
  readonly timeoutMs: number | undefined;
  /** After which the caller is gone. */
  readonly hangsUpAfterMs: number | undefined;
}

export interface PlannedTrouble {
  readonly atMs: number;
  readonly instance: InstanceName;
  readonly trouble: Trouble;
}

export interface Schedule {
  readonly seed: number;
  readonly requests: readonly PlannedRequest[];
  readonly troubles: readonly PlannedTrouble[];
}

export interface Pace {
  readonly lengthMs: number;
  readonly perSecond: number;
}

/** Troubles of all kinds at all instances, one after the other, each for a while. */
export function randomSchedule(seed: number, pace: Pace): Schedule {
  const random = seededRandom(seed);
  const requests = randomRequests(random, pace);
  const troubles: PlannedTrouble[] = [];
  for (const instance of INSTANCES) {
    let atMs = between(random, 0, LONGEST_TROUBLE_MS);
    for (; atMs < pace.lengthMs; atMs += between(random, 100, LONGEST_TROUBLE_MS))
      troubles.push({ atMs, instance, trouble: randomTrouble(random) });
  }
  return { seed, requests, troubles: troubles.toSorted((a, b) => a.atMs - b.atMs) };
}

/** The troubles as given, from the start, under the traffic of the seed. */
export function scriptedSchedule(
  seed: number,
  pace: Pace,
  troubles: readonly PlannedTrouble[],
): Schedule {
  return { seed, requests: randomRequests(seededRandom(seed), pace), troubles };
}

const LONGEST_TROUBLE_MS = 900;
/** The shortest time to answer that a caller asks for here, and the longest that changes anything. */
const [SHORTEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS] = [20, 500];
const BURST = 15;

/** Mixed users in no order, some of them at the same moment, some in a hurry, some gone before the end. */
function randomRequests(random: Random, { lengthMs, perSecond }: Pace): readonly PlannedRequest[] {
  const requests: PlannedRequest[] = [];
  for (let atMs = 0; atMs < lengthMs; atMs += (2_000 * random()) / perSecond) {
    const isBurst = chance(random, 0.01);
    const same = chance(random, 0.5) ? randomUser(random) : undefined;
    for (let number = 0; number < (isBurst ? BURST : 1); number += 1)
      requests.push(randomRequest(random, atMs, isBurst ? same : undefined));
  }
  return requests;
}

function randomRequest(random: Random, atMs: number, userId?: string): PlannedRequest {
  const include = chance(random, 0.3) ? someOf(random) : undefined;
  const asked = include ?? SOURCE_NAMES;
  return {
    atMs,
    userId: userId ?? randomUser(random),
    include,
    require: chance(random, 0.2) ? [pick(random, asked)] : [],
    timeoutMs: chance(random, 0.2)
      ? between(random, SHORTEST_TIMEOUT_MS, LONGEST_TIMEOUT_MS)
      : undefined,
    hangsUpAfterMs: chance(random, 0.1) ? between(random, 0, 200) : undefined,
  };
}

function randomUser(random: Random): string {
  if (chance(random, 0.05)) return `${UNKNOWN}-${between(random, 1, 9)}`;
  const number = between(random, 1, 40);
  // Everything that an id may hold.
  return number % 7 === 0 ? `User~${number}@a.b:c-d_`.padEnd(128, '.') : `user-${number}`;
}

/** One trouble of each kind, drawn from chance. Exhaustive: what is new is part of every random run. */
const DRAW: { readonly [Kind in FaultKind]: (random: Random) => FaultOf<Kind> } = {
  none: () => ({ kind: 'none' }),
  latency: (random) => ({
    kind: 'latency',
    ms: between(random, 0, 700),
    jitterMs: between(random, 0, 300),
  }),
  hang: (random) => ({ kind: 'hang', at: pick(random, PLACES) }),
  reset: (random) => ({ kind: 'reset', at: pick(random, PLACES) }),
  half_close: (random) => ({ kind: 'half_close', at: pick(random, PLACES) }),
  garbage: (random) => ({
    kind: 'garbage',
    at: pick(random, PLACES),
    bytes: between(random, 1, 40),
  }),
  double_answer: () => ({ kind: 'double_answer' }),
  interim_answer: () => ({ kind: 'interim_answer' }),
  small_packets: (random) => ({ kind: 'small_packets', bytes: between(random, 1, 50) }),
  slow_drip: (random) => ({ kind: 'slow_drip', everyMs: between(random, 1, 20) }),
  bandwidth: (random) => ({ kind: 'bandwidth', bytesPerSecond: between(random, 200, 20_000) }),
  status: (random) => ({
    kind: 'status',
    ...pick(random, [
      { status: 500 },
      { status: 503 },
      { status: 503, retryAfterS: 1 },
      { status: 429, retryAfterS: 1 },
      { status: 302 },
      { status: 403 },
    ]),
  }),
  refused_connection: () => ({ kind: 'refused_connection' }),
  ignored_connection: () => ({ kind: 'ignored_connection' }),
  idle_close: (random) => ({ kind: 'idle_close', afterMs: between(random, 0, 60) }),
};

function randomTrouble(random: Random): Trouble {
  const kind = pick(random, Object.keys(DRAW) as readonly FaultKind[]);
  const fault: Fault = DRAW[kind](random);
  return chance(random, 0.5) ? fault : { ...fault, share: random() };
}

function someOf(random: Random): readonly SourceName[] {
  const some = SOURCE_NAMES.filter(() => chance(random, 0.5));
  return some.length > 0 ? some : [pick(random, SOURCE_NAMES)];
}

const chance = (random: Random, share: number): boolean => random() < share;

const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

function pick<T>(random: Random, list: readonly T[]): T {
  const picked = list[Math.floor(random() * list.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}
