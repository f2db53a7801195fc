import { hash, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { DEFLATE_FROM_BYTES, HEADER_BYTES, seal, unseal } from './sealed-answer.ts';

const digest = hash('sha256', 'user\n/users/42\n', 'buffer');
const SMALL = Buffer.from('{"name":"a thing"}');
const LARGE = Buffer.from(JSON.stringify(Array.from({ length: 5_000 }, (_, id) => ({ id }))));

const sealed = (body = SMALL, lifetimeMs = 60_000) => seal(body, { digest, lifetimeMs });
const unsealed = (value: unknown, leftMs: number = 60_000, maxBodyBytes = 1_048_576) =>
  unseal(value, { digest, leftMs, maxBodyBytes });

/** A good value with some bytes set otherwise. */
async function bent(at: number, ...bytes: number[]): Promise<Buffer> {
  return bend(await sealed(), at, ...bytes);
}

function bend(value: Buffer, at: number, ...bytes: number[]): Buffer {
  Buffer.from(bytes).copy(value, at);
  return value;
}

describe('a sealed answer', () => {
  it.each([
    ['small', SMALL],
    ['large', LARGE],
    ['empty', Buffer.alloc(0)],
    ['large and without any pattern', randomBytes(2 * DEFLATE_FROM_BYTES)],
  ])('comes out as it went in: %s', async (_what, body) => {
    expect((await unsealed(await sealed(body)))?.body.equals(body)).toBe(true);
  });

  it('is deflated when it is large and that helps', async () => {
    expect(await sealed(SMALL)).toHaveLength(HEADER_BYTES + SMALL.length);
    expect((await sealed(LARGE)).length).toBeLessThan(LARGE.length / 2);
    const noise = randomBytes(DEFLATE_FROM_BYTES);
    expect(await sealed(noise)).toHaveLength(HEADER_BYTES + noise.length);
  });

  it('is as old as its lifetime less what is left of it', async () => {
    expect(await unsealed(await sealed(SMALL, 60_000), 45_000)).toMatchObject({ ageMs: 15_000 });
    expect(await unsealed(await sealed(SMALL, 60_000), 60_000)).toMatchObject({ ageMs: 0 });
  });

  it.each<[string, number]>([
    ['no end', -1],
    ['no such key', -2],
    ['nothing left', 0],
    ['more left than there was', 60_001],
    ['not a number', NaN],
    ['a word', 'OK' as unknown as number],
  ])('is nothing when Redis says: %s', async (_what, leftMs) => {
    expect(await unsealed(await sealed(), leftMs)).toBeUndefined();
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => null],
    ['no bytes', () => Buffer.alloc(0)],
    ['text', () => 'OK'],
    ['a list', () => [Buffer.alloc(100)]],
    ['noise', () => randomBytes(500)],
    ['a header cut short', async () => (await sealed()).subarray(0, HEADER_BYTES - 1)],
    ['another format', () => bent(0, 2)],
    ['an unknown flag', () => bent(1, 2)],
    ['an unknown flag on something deflated', async () => bend(await sealed(LARGE), 1, 2)],
    ['deflated, as it says, and not', () => bent(1, 1)],
    ['the answer to another question', () => bent(6, 1, 2, 3, 4)],
    ['a deflated body cut short', async () => (await sealed(LARGE)).subarray(0, -10)],
  ])('is not: %s', async (_what, value) => {
    expect(await unsealed(await value())).toBeUndefined();
  });

  it('is very old when it claims an absurd lifetime', async () => {
    const value = await bent(2, 0xff, 0xff, 0xff, 0xff);
    expect(await unsealed(value, 30_000)).toMatchObject({ ageMs: 0xffff_ffff - 30_000 });
  });

  it('is nothing when it is larger than allowed', async () => {
    expect(await unsealed(await sealed(SMALL), 60_000, SMALL.length)).toBeDefined();
    expect(await unsealed(await sealed(SMALL), 60_000, SMALL.length - 1)).toBeUndefined();
    expect(await unsealed(await sealed(LARGE), 60_000, LARGE.length)).toBeDefined();
    expect(await unsealed(await sealed(LARGE), 60_000, LARGE.length - 1)).toBeUndefined();
    expect(await unsealed(await sealed(LARGE), 60_000, 0)).toBeUndefined();
  });

  it('is not unpacked beyond what is allowed', async () => {
    const bomb = deflateRawSync(Buffer.alloc(256 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1_048_576);
    const header = (await sealed(LARGE)).subarray(0, HEADER_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    expect(await unsealed(Buffer.concat([header, bomb]))).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });
});
