import type { Random } from '../../src/instances/balancer.ts';
import {
  GOOD_REQUESTS,
  HEADER_LINES,
  ID_ATOMS,
  METHODS,
  NASTY_PIECES,
  QUERY_NAMES,
  QUERY_VALUES,
} from './hostile-words.ts';

/** Requests that somebody with bad intentions might send: made from a grammar, and good ones broken on purpose. */

export interface Hostile {
  /** Sent one after the other; latin1. */
  readonly pieces: readonly string[];
}

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;
const upTo = (random: Random, most: number): number => Math.floor(random() * (most + 1));
const some = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: 1 + upTo(random, most - 1) }, make);

/** Text for the last part of `/dashboard/…`, as it stands in a request line; most of it is no id. */
export function hostileId(random: Random): string {
  const text = some(random, 4, () => pick(random, ID_ATOMS)).join('');
  return random() < 0.1
    ? text.padEnd(1 + upTo(random, 3_000), pick(random, ['x', '%41', '.']))
    : text;
}

/** What comes behind `/dashboard/41`. */
export function hostileQuery(random: Random): string {
  const parameters = some(random, 4, () => {
    const name = pick(random, QUERY_NAMES);
    return random() < 0.2 ? name : `${name}=${pick(random, QUERY_VALUES)}`;
  });
  return `?${parameters.join(pick(random, ['&', '&', ';', '&&']))}`;
}

/** Lines for the head of a request. */
export const hostileHeaders = (random: Random): string =>
  some(random, 5, () => `${pick(random, HEADER_LINES)}\r\n`).join('');

type Mutation = (bytes: string, random: Random) => string;

const MUTATIONS: readonly Mutation[] = [
  // A nasty piece somewhere, or in place of something.
  (bytes, random) => splice(bytes, random, 0, pick(random, NASTY_PIECES)),
  (bytes, random) => splice(bytes, random, 5, pick(random, NASTY_PIECES)),
  // Any byte somewhere.
  (bytes, random) => splice(bytes, random, 1, String.fromCharCode(upTo(random, 255))),
  (bytes, random) => splice(bytes, random, 20, ''),
  (bytes, random) => bytes.slice(0, upTo(random, bytes.length)),
  (bytes, random) => bytes.repeat(2 + upTo(random, 3)),
  (bytes, random) => bytes + pick(random, GOOD_REQUESTS),
  (bytes, random) => pick(random, NASTY_PIECES) + bytes,
  (bytes, random) => bytes + pick(random, NASTY_PIECES),
  (bytes) => bytes.replaceAll('\r\n', '\n'),
  (bytes, random) => bytes.replace('\r\n', `\r\n${hostileHeaders(random)}`),
  (bytes, random) => bytes.replace(/\/dashboard\/41/, `/dashboard/${hostileId(random)}`),
  (bytes, random) => bytes.replace(/^[A-Z]+/, pick(random, METHODS)),
];

/** A good request after one to three mutations, in one to three pieces. */
export function brokenRequest(random: Random): Hostile {
  let bytes = pick(random, GOOD_REQUESTS);
  for (const mutate of some(random, 3, () => pick(random, MUTATIONS)))
    bytes = mutate(bytes, random);
  const cuts = [upTo(random, bytes.length), upTo(random, bytes.length)].sort((a, b) => a - b);
  const [first = 0, second = 0] = random() < 0.5 ? [] : cuts;
  const pieces = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)];
  return { pieces: pieces.filter((piece) => piece !== '') };
}

function splice(bytes: string, random: Random, mostAway: number, put: string): string {
  const at = upTo(random, bytes.length);
  return bytes.slice(0, at) + put + bytes.slice(at + upTo(random, mostAway));
}
