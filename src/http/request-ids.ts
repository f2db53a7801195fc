import { randomFillSync } from 'node:crypto';

/**
 * New ids for requests: UUIDs of version 4, written down many at once. `randomUUID` puts each together from twenty
 * pieces, which `JSON.stringify` then does not like (`flat`); a cut out of ASCII bytes is one piece.
 */

const BATCH = 128;
const BYTES = 16;
const LETTERS = 36;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
const DASH = 0x2d;
/** Bytes that have a dash before them. */
const DASHED: ReadonlySet<number> = new Set([4, 6, 8, 10]);

const bytes = Buffer.alloc(BATCH * BYTES);
const text = Buffer.alloc(BATCH * LETTERS);
let at = text.length;

export function newRequestId(): string {
  if (at === text.length) writeBatch();
  at += LETTERS;
  return text.toString('latin1', at - LETTERS, at);
}

function writeBatch(): void {
  randomFillSync(bytes);
  let end = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const place = index % BYTES;
    const byte = marked(bytes[index] ?? 0, place);
    if (DASHED.has(place)) text[end++] = DASH;
    text[end++] = HEX[byte >> 4] ?? 0;
    text[end++] = HEX[byte & 0x0f] ?? 0;
  }
  at = 0;
}

/** Version and variant, of RFC 9562. */
function marked(byte: number, place: number): number {
  if (place === 6) return (byte & 0x0f) | 0x40;
  if (place === 8) return (byte & 0x3f) | 0x80;
  return byte;
}
