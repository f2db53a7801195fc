import type { SourceUrls } from '../bodies.ts';

/** What goes wrong, when and where: the whole benchmark is this table. */

export type SourceName = keyof SourceUrls;

/** Every source has as many, behind as many addresses. */
export const INSTANCES = 3;

/** How an instance answers on a good day. */
export const USUAL_MS = 20;

export type Behaviour =
  | { readonly kind: 'answers'; readonly afterMs: number; readonly errorShare: number }
  /** Takes the request and never answers, not even once it is well again. */
  | { readonly kind: 'hangs' }
  /** Takes no request: connections are reset, those that are there as well. */
  | { readonly kind: 'dead' };

export interface Change {
  /** Seconds after the fault begins. */
  readonly at: number;
  readonly behaviour: Behaviour;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whose fault it is. */
  readonly source: SourceName;
  /** How many of its instances are at fault; the first ones. */
  readonly instances: number;
  /** What happens meanwhile; at the end all is as before. @param seconds length of the fault */
  readonly changes: (seconds: number) => readonly Change[];
  /** Of the service. */
  readonly expected: string;
}

const answers = (afterMs: number, errorShare = 0): Behaviour => ({
  kind: 'answers',
  afterMs,
  errorShare,
});

export const WELL = answers(USUAL_MS);
const SLOW = answers(900);
const ERRORS = answers(USUAL_MS, 1);
const HANGS: Behaviour = { kind: 'hangs' };
const DEAD: Behaviour = { kind: 'dead' };

const throughout = (behaviour: Behaviour) => (): readonly Change[] => [{ at: 0, behaviour }];

const FLAP_SECONDS = 2;

const flapping = (seconds: number): readonly Change[] =>
  Array.from({ length: Math.ceil(seconds / FLAP_SECONDS) }, (_, n) => ({
    at: n * FLAP_SECONDS,
    behaviour: n % 2 === 0 ? ERRORS : WELL,
  }));

const source = 'recommendations';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'slow',
    title: 'one source slow: 900 ms instead of 20',
    source,
    instances: INSTANCES,
    changes: throughout(SLOW),
    expected: 'slow is not broken: after a second of learning every answer is complete, in 0.9 s',
  },
  {
    name: 'hanging',
    title: 'one source hangs: takes requests, never answers',
    source,
    instances: INSTANCES,
    changes: throughout(HANGS),
    expected:
      'partial: at the deadline until half of the last 10 s went wrong (some 6 s), at once from then on',
  },
  {
    name: 'erroring',
    title: 'one source answers 503 to everything',
    source,
    instances: INSTANCES,
    changes: throughout(ERRORS),
    expected:
      'partial at once; after some 5 s the breaker opens and the source is left alone but for probes',
  },
  {
    name: 'some-errors',
    title: 'one source answers 503 to one request in ten',
    source,
    instances: INSTANCES,
    changes: throughout(answers(USUAL_MS, 0.1)),
    expected:
      'complete, nearly all: retried within the budget, at most 10 % more load; the breaker stays closed',
  },
  {
    name: 'flapping',
    title: `one source flaps: ${FLAP_SECONDS} s of errors, ${FLAP_SECONDS} s well, and so on`,
    source,
    instances: INSTANCES,
    changes: flapping,
    expected: 'partial while it errs and a little after; nothing fails',
  },
  {
    name: 'instance-slow',
    title: 'one of three instances slow: 900 ms instead of 20',
    source,
    instances: 1,
    changes: throughout(SLOW),
    expected: 'complete; few requests meet the slow one, those are retried elsewhere',
  },
  {
    name: 'instance-hanging',
    title: 'one of three instances hangs: takes requests, never answers',
    source,
    instances: 1,
    changes: throughout(HANGS),
    expected: 'complete, a few of them late by one attempt timeout; then it is left out',
  },
  {
    name: 'instance-dead',
    title: 'one of three instances dead: connections are reset',
    source,
    instances: 1,
    changes: throughout(DEAD),
    expected: 'complete and as fast as ever: retried elsewhere at once, then left out',
  },
];
