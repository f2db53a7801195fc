/** Shorter pieces of strings are copied by V8 anyway. */
const SHORTEST_PIECE = 13;

/**
 * The same ASCII text in one piece. A text that V8 holds as a slice of another one, or as put together from others,
 * makes `JSON.stringify` leave its fast path: measured as 7.5 instead of 2.7 µs for a whole answer with one such id.
 */
export const flat = (text: string): string =>
  text.length < SHORTEST_PIECE ? text : Buffer.from(text, 'latin1').toString('latin1');
