import { isFlat, slopeOf, type Slope } from '../figures/slope.ts';
import { fixed, markdownTable } from '../statistics.ts';
import type { Held } from './sampler.ts';

/** From samples to a verdict: what grows, how fast, and whether that may be. */

export interface SoakSample extends Held {
  /** Hours since the load began. */
  readonly at: number;
  /** Open file descriptors; undefined where the system does not tell. */
  readonly files: number | undefined;
}

type Figure = Exclude<keyof SoakSample, 'at'>;

interface Bound {
  readonly figure: Figure;
  readonly name: string;
  /** Growth over the watched time that is still flat: a share of the mean, and at least so much. */
  readonly share: number;
  readonly least: number;
}

const BOUNDS: readonly Bound[] = [
  { figure: 'heapMiB', name: 'heap after GC, MiB', share: 0.05, least: 1 },
  { figure: 'externalMiB', name: 'external, MiB', share: 0.1, least: 1 },
  { figure: 'rssMiB', name: 'RSS, MiB', share: 0.1, least: 8 },
  { figure: 'files', name: 'open files', share: 0.2, least: 20 },
  { figure: 'sockets', name: 'sockets in use', share: 0.2, least: 20 },
  { figure: 'timers', name: 'timers', share: 0.2, least: 10 },
  { figure: 'listeners', name: 'listeners of process and servers', share: 0, least: 0.5 },
  { figure: 'listenersPerSocket', name: 'listeners a socket', share: 0.1, least: 1 },
];

/** Until the memories of users are full and the pools have their size. */
const SETTLES_SHARE = 1 / 3;

export interface Verdict extends Slope {
  readonly name: string;
  readonly bound: number;
  readonly isFlat: boolean;
  readonly atRestBefore: number | undefined;
  readonly atRestAfter: number | undefined;
}

/** The last two thirds are judged. @param samples in order, at least five */
export function judge(
  samples: readonly SoakSample[],
  atRest: { readonly before: SoakSample; readonly after: SoakSample },
): readonly Verdict[] {
  const settled = samples.slice(Math.floor(samples.length * SETTLES_SHARE));
  return BOUNDS.flatMap(({ figure, name, share, least }) => {
    const points = settled.flatMap(({ at, [figure]: value }) =>
      value === undefined ? [] : [{ at, value }],
    );
    if (points.length === 0) return [];
    const slope = slopeOf(points);
    return {
      ...slope,
      name,
      bound: Math.max(share * slope.mean, least),
      isFlat: isFlat(slope, share, least),
      atRestBefore: atRest.before[figure],
      atRestAfter: atRest.after[figure],
    };
  });
}

const HEAD = [
  ...['figure', '', 'mean', 'slope an hour', '±', 'R²', 'growth watched', 'bound'],
  ...['at rest before', 'after'],
];

export const toTable = (verdicts: readonly Verdict[]): string =>
  markdownTable(
    HEAD,
    verdicts.map((verdict) => [
      verdict.name,
      verdict.isFlat ? 'flat' : '**not flat**',
      fixed(verdict.mean, 1),
      fixed(verdict.perUnit, 1),
      fixed(verdict.standardError, 1),
      fixed(verdict.rSquared, 2),
      fixed(verdict.growth, 1),
      fixed(verdict.bound, 1),
      fixed(verdict.atRestBefore, 1),
      fixed(verdict.atRestAfter, 1),
    ]),
  );
