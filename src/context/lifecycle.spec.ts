import { describe, expect, it } from '@jest/globals';
import { Lifecycle } from './lifecycle.ts';

describe('Lifecycle', () => {
  it('drains once it is told to, and for good', () => {
    const lifecycle = new Lifecycle();
    expect(lifecycle.isDraining).toBe(false);
    lifecycle.drain();
    lifecycle.drain();
    expect(lifecycle.isDraining).toBe(true);
  });
});
