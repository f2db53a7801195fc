/**
 * In which form a caller wants the answer (RFC 9110 §12.5.1): by weight, then by how exactly it is named, then JSON
 * before the streams. What names none of them gets JSON, never a 406.
 */

export type Format = 'json' | 'sse' | 'ndjson';

/** Each with the media ranges that name it, the most exact first: that one decides, a refusal (`q=0`) included. */
const OFFERS: readonly (readonly [Format, readonly string[]])[] = [
  ['json', ['application/json', 'application/*', '*/*']],
  ['sse', ['text/event-stream', 'text/*', '*/*']],
  ['ndjson', ['application/x-ndjson', 'application/*', '*/*']],
];

/** A stream has to be named, or JSON weighed; browsers and most clients do neither. */
const MAY_MEAN_A_STREAM = /event-stream|ndjson|text\/\*|application\/(?:json|\*)\s*;/i;

/** @param accept the header as it came */
export function negotiate(accept: string | undefined): Format {
  // What nearly everybody sends: decided without reading it.
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return 'json';
  if (!MAY_MEAN_A_STREAM.test(accept)) return 'json';
  const weights = weightsOf(accept);
  let chosen: Format = 'json';
  let highest = 0;
  for (const [format, names] of OFFERS) {
    const rank = rankOf(names, weights);
    if (rank <= highest) continue;
    chosen = format;
    highest = rank;
  }
  return chosen;
}

/** Zero for what is not wanted; weights have three digits, so that exactness decides only between equal ones. */
function rankOf(names: readonly string[], weights: ReadonlyMap<string, number>): number {
  for (const [at, name] of names.entries()) {
    const weight = weights.get(name);
    if (weight === undefined) continue;
    return weight === 0 ? 0 : Math.round(weight * 1_000) * names.length + (names.length - at);
  }
  return 0;
}

/** What stands in quotes is a parameter's, and none of ours; it may hold anything. */
const QUOTED = /"(?:[^"\\]|\\.)*"?/g;

/** Every media range with its weight; named twice, the higher one. Parameters other than the weight are not looked at. */
function weightsOf(accept: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const range of accept.toLowerCase().replace(QUOTED, '').split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    weights.set(name, Math.max(weightOf(parameters), weights.get(name) ?? 0));
  }
  return weights;
}

/** 1 where none is given, 0 where it cannot be read. */
function weightOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  if (given === undefined) return 1;
  const weight = Number(given.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
