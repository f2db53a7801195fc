import { describe, expect, it } from '@jest/globals';
import { AnswerMemory, MAX_BYTES, OVERHEAD_BYTES } from './answer-memory.ts';

const answer = (bytes: number, fill = 'a') => ({
  body: Buffer.allocUnsafeSlow(bytes).fill(fill),
  at: 1,
});

describe('AnswerMemory', () => {
  it('counts the body, the key, and what an entry costs', () => {
    const memory = new AnswerMemory();
    memory.set('a key', answer(1_000));
    expect(memory.bytes).toBe(1_000 + 5 + OVERHEAD_BYTES);
    memory.delete('a key');
    expect(memory.bytes).toBe(0);
  });

  it('never holds more than its bound, and forgets what was not used for longest', () => {
    const memory = new AnswerMemory(10 * (1_000 + 2 + OVERHEAD_BYTES));
    for (let at = 10; at < 20; at += 1) memory.set(`${at}`, answer(1_000));
    expect(memory.get('10')).toBeDefined();
    for (let at = 20; at < 25; at += 1) memory.set(`${at}`, answer(1_000));
    expect(memory.bytes).toBeLessThanOrEqual(10 * (1_000 + 2 + OVERHEAD_BYTES));
    const held = Array.from({ length: 15 }, (_, at) => `${at + 10}`).filter((key) =>
      memory.get(key),
    );
    expect(held).toEqual(['10', '16', '17', '18', '19', '20', '21', '22', '23', '24']);
  });

  it('stays within its bound for a flood of tiny answers', () => {
    const memory = new AnswerMemory();
    for (let at = 0; at < 100_000; at += 1) memory.set(`/users/${at}`, answer(1));
    expect(memory.bytes).toBeLessThanOrEqual(MAX_BYTES);
    expect(memory.bytes).toBeGreaterThan(MAX_BYTES / 2);
  });

  it('keeps the newer of two answers', () => {
    const memory = new AnswerMemory();
    memory.set('key', answer(10, 'a'));
    memory.set('key', answer(20, 'b'));
    expect(memory.get('key')?.body.toString()).toBe('b'.repeat(20));
    expect(memory.bytes).toBe(20 + 3 + OVERHEAD_BYTES);
  });

  it('neither keeps an answer larger than itself, nor the one that it replaces', () => {
    const memory = new AnswerMemory(10_000);
    memory.set('key', answer(100));
    memory.set('key', answer(20_000));
    expect(memory.get('key')).toBeUndefined();
    expect(memory.bytes).toBe(0);
  });

  it('copies a small part of something large, which it would keep alive', () => {
    const memory = new AnswerMemory();
    const slab = Buffer.allocUnsafeSlow(65_536).fill('x');
    const body = slab.subarray(100, 400);
    memory.set('key', { body, at: 1 });
    expect(memory.bytes).toBe(300 + 3 + OVERHEAD_BYTES);
    expect(memory.get('key')?.body.buffer.byteLength).toBe(300);
    slab.fill('y');
    expect(memory.get('key')?.body.toString()).toBe('x'.repeat(300));
  });

  it('takes an answer with its head as it is, and counts both', () => {
    const memory = new AnswerMemory();
    const body = Buffer.allocUnsafeSlow(1_200).subarray(200);
    memory.set('key', { body, at: 1 });
    expect(memory.get('key')?.body).toBe(body);
    expect(memory.bytes).toBe(1_200 + 3 + OVERHEAD_BYTES);
  });
});
