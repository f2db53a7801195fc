import { describe, expect, it } from '@jest/globals';
import { Wire } from './wire.ts';

function wireWith() {
  const wire = new Wire();
  const released: string[] = [];
  const release = (name: string): void => wire.whenFree(() => released.push(name));
  return { wire, released, release };
}

describe('Wire', () => {
  it('releases at once what never used a socket', () => {
    const { released, release } = wireWith();
    release('permit');
    expect(released).toEqual(['permit']);
  });

  it('holds back until the socket is done, then releases in order', () => {
    const { wire, released, release } = wireWith();
    wire.occupy();
    release('permit');
    release('instance');
    expect(released).toEqual([]);
    wire.free();
    expect(released).toEqual(['permit', 'instance']);
  });

  it('releases each once, also when the socket says twice that it is done', () => {
    const { wire, released, release } = wireWith();
    wire.occupy();
    release('permit');
    wire.free();
    wire.free();
    expect(released).toEqual(['permit']);
  });

  it('holds back until every socket is done: the next one may be taken before the last one has closed', () => {
    const { wire, released, release } = wireWith();
    wire.occupy();
    wire.occupy();
    release('permit');
    wire.free();
    expect(released).toEqual([]);
    wire.free();
    expect(released).toEqual(['permit']);
  });

  it('releases at once after the socket is done', () => {
    const { wire, released, release } = wireWith();
    wire.occupy();
    wire.free();
    release('permit');
    expect(released).toEqual(['permit']);
  });

  it('may be freed without ever having been used', () => {
    const { wire, released, release } = wireWith();
    wire.free();
    release('permit');
    expect(released).toEqual(['permit']);
  });
});
