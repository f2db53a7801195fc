import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { IssuerKeys } from './issuer-keys.ts';

const SET = { keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'a', x: 'x' }] };

function issuerKeys() {
  const clock = new VirtualClock();
  const issuer = { answer: SET as unknown, asked: 0 };
  const heard: unknown[] = [];
  const read = async (): Promise<unknown> => {
    issuer.asked += 1;
    await Promise.resolve();
    if (issuer.answer === undefined) throw new Error('away');
    return issuer.answer;
  };
  const keys = new IssuerKeys(read, clock, { keysRead: (failure) => heard.push(failure) });
  return { clock, issuer, keys, heard };
}

describe('the keys of an issuer', () => {
  it('are not known before they are read, and reading is shared', async () => {
    const { issuer, keys } = issuerKeys();
    const first = keys.refresh();
    expect(keys.known).toBeUndefined();
    expect(await Promise.all([first, keys.refresh()])).toEqual([true, true]);
    expect(keys.known).toBeDefined();
    expect(issuer.asked).toBe(1);
  });

  it('are asked for at most every 10 s, however many ask', async () => {
    const { clock, issuer, keys } = issuerKeys();
    await keys.refresh();
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      await keys.refresh();
    }
    expect(issuer.asked).toBe(7);
  });

  it('are tried again after a second while there are none', async () => {
    const { clock, issuer, keys } = issuerKeys();
    issuer.answer = undefined;
    expect(await keys.refresh()).toBe(false);
    expect(keys.retryMs).toBe(1_000);
    expect(await keys.refresh()).toBe(false);
    expect(issuer.asked).toBe(1);
    issuer.answer = SET;
    clock.advance(1_000);
    expect(await keys.refresh()).toBe(true);
  });

  it.each([undefined, null, {}, [], 'text', { keys: [] }, { keys: 'none' }, { keys: [null] }])(
    'stay as they were when the issuer answers %j',
    async (answer) => {
      const { clock, issuer, keys } = issuerKeys();
      await keys.refresh();
      const { known, version } = keys;
      issuer.answer = answer;
      clock.advance(10_000);
      expect(await keys.refresh()).toBe(false);
      expect([keys.known, keys.version]).toEqual([known, version]);
    },
  );

  it('are read anew in the background when they are 5 minutes old and used', async () => {
    const { clock, issuer, keys } = issuerKeys();
    await keys.refresh();
    clock.advance(300_000);
    expect(keys.known).toBeDefined();
    expect(issuer.asked).toBe(1);
    clock.advance(1);
    expect(keys.known).toBeDefined();
    expect(issuer.asked).toBe(2);
  });

  it('tell of every change once', async () => {
    const { clock, issuer, keys, heard } = issuerKeys();
    for (const answer of [SET, SET, undefined, undefined, SET, SET]) {
      issuer.answer = answer;
      await keys.refresh();
      clock.advance(10_000);
    }
    expect(heard).toEqual([expect.objectContaining({ message: 'away' }), undefined]);
  });
});
