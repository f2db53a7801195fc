/** What can be made to go wrong on the way between the service and an instance: the words, and what they take. */

/** Where in an answer something happens. */
export const PLACES = [
  'before it',
  'in the status line',
  'in the headers',
  'before the blank line',
  'at the body',
  'in the body',
  'before the last byte',
  'after it',
] as const;

/** A named place, or one byte further with every answer, from before the first one to before the last one. */
export type Place = (typeof PLACES)[number] | 'at every byte in turn';

export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs: number }
  /** The answer stops there, and the connection stays. */
  | { readonly kind: 'hang'; readonly at: Place }
  | { readonly kind: 'reset'; readonly at: Place }
  /** The source's half of the connection is closed there. */
  | { readonly kind: 'half_close'; readonly at: Place }
  /** Some bytes there are replaced by ones that are neither HTTP nor UTF-8. */
  | { readonly kind: 'garbage'; readonly at: Place; readonly bytes: number }
  /** After the answer comes, unasked, one that was somebody else's. */
  | { readonly kind: 'double_answer' }
  /** The head of an interim answer comes first. */
  | { readonly kind: 'interim_answer' }
  /** A few bytes a packet, one packet right after the other. */
  | { readonly kind: 'small_packets'; readonly bytes: number }
  | { readonly kind: 'slow_drip'; readonly everyMs: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** An answer of the source's that is none. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  | { readonly kind: 'refused_connection' }
  /** The connection is taken, and what comes over it never gets to the source. */
  | { readonly kind: 'ignored_connection' }
  /** The connection is closed when it has been idle for so long: maybe just when it is used again. */
  | { readonly kind: 'idle_close'; readonly afterMs: number };

export type FaultKind = Fault['kind'];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

/** A fault, and how much of what passes it strikes. */
export type Trouble = Fault & { readonly share?: number };

export const NO_FAULT: Fault = { kind: 'none' };

/** One answer as bytes. */
export interface AnswerBytes {
  readonly bytes: Buffer;
  readonly bodyAt: number;
}

type Offset = (answer: AnswerBytes) => number;

const OFFSETS: Readonly<Record<(typeof PLACES)[number], Offset>> = {
  'before it': () => 0,
  'in the status line': () => 9,
  'in the headers': ({ bodyAt }) => Math.floor((bodyAt + 17) / 2),
  'before the blank line': ({ bodyAt }) => bodyAt - 2,
  'at the body': ({ bodyAt }) => bodyAt,
  'in the body': ({ bytes, bodyAt }) => Math.floor((bodyAt + bytes.length) / 2),
  'before the last byte': ({ bytes }) => bytes.length - 1,
  'after it': ({ bytes }) => bytes.length,
};

/** @param turn of this answer, for the place that moves on */
export const offsetOf = (place: Place, answer: AnswerBytes, turn: number): number =>
  place === 'at every byte in turn' ? turn % answer.bytes.length : OFFSETS[place](answer);
