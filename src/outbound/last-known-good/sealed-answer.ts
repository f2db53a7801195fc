import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';

/**
 * How an answer stands in Redis: a header, then its bytes, deflated when they are many.
 *
 *   0       format
 *   1       1 when deflated, else 0
 *   2–5     lifetime it was written with, in ms: less what is left of it that is its age, whatever any clock says
 *   6–37    digest of its key: a reply that was meant for another question is not taken for the answer to this one
 */

export const HEADER_BYTES = 38;

/** From here on deflating (some 150 µs on another thread) costs less than carrying and keeping the bytes. */
export const DEFLATE_FROM_BYTES = 16_384;

const FORMAT = 1;
const PLAIN = 0;
const DEFLATED = 1;

/** Least effort and small windows: 48 KB for each one under way, and JSON still shrinks to a sixth. */
const EFFORT = { level: 1, windowBits: 13, memLevel: 5 };

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

export interface Seal {
  readonly digest: Buffer;
  readonly lifetimeMs: number;
}

export async function seal(body: Buffer, { digest, lifetimeMs }: Seal): Promise<Buffer> {
  const packed = body.length < DEFLATE_FROM_BYTES ? body : await deflate(body, EFFORT);
  const isSmaller = packed.length < body.length;
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = FORMAT;
  header[1] = isSmaller ? DEFLATED : PLAIN;
  header.writeUInt32BE(lifetimeMs, 2);
  digest.copy(header, 6);
  return Buffer.concat([header, isSmaller ? packed : body]);
}

export interface Expected {
  readonly digest: Buffer;
  /** What Redis says is left of its lifetime. */
  readonly leftMs: number;
  readonly maxBodyBytes: number;
}

export interface SharedAnswer {
  readonly body: Buffer;
  readonly ageMs: number;
}

/** Undefined for whatever `seal` did not make for this key, and for a body that is too large. */
export async function unseal(
  value: unknown,
  { digest, leftMs, maxBodyBytes }: Expected,
): Promise<SharedAnswer | undefined> {
  if (!Buffer.isBuffer(value) || value[0] !== FORMAT) return undefined;
  if (!value.subarray(6, HEADER_BYTES).equals(digest)) return undefined;
  const ageMs = value.readUInt32BE(2) - leftMs;
  // We always set an end; and who says that more is left than there was is not to be believed.
  if (!Number.isInteger(leftMs) || leftMs <= 0 || ageMs < 0) return undefined;
  const body = await unpacked(value, maxBodyBytes);
  return body && { body, ageMs };
}

/** Never unpacks more than is allowed. */
async function unpacked(value: Buffer, maxBytes: number): Promise<Buffer | undefined> {
  const packed = value.subarray(HEADER_BYTES);
  if (value[1] === PLAIN) return packed.length > maxBytes ? undefined : packed;
  if (value[1] !== DEFLATED) return undefined;
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, maxBytes) });
  } catch {
    return undefined;
  }
}
