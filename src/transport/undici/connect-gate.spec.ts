import { describe, expect, it } from '@jest/globals';
import { ConnectGate } from './connect-gate.ts';

/** So many come at once; those of `gone` no longer want to when their turn comes. */
function gateWith(count: number, gone: readonly number[] = []) {
  const gate = new ConnectGate();
  const connecting: number[] = [];
  const come = (n: number): void =>
    gate.enter(() => {
      if (gone.includes(n)) return false;
      connecting.push(n);
      return true;
    });
  for (let n = 0; n < count; n += 1) come(n);
  return { gate, connecting, come };
}

describe('ConnectGate', () => {
  it('lets 128 connect at once, and another one for each that is done, in the order of coming', () => {
    const { gate, connecting } = gateWith(200);
    expect(connecting).toHaveLength(128);
    gate.leave();
    gate.leave();
    expect(connecting).toEqual([...Array(130).keys()]);
  });

  it('passes over those who no longer want to, and their places are free', () => {
    const { gate, connecting } = gateWith(140, [0, 128, 129]);
    expect(connecting).toHaveLength(128);
    expect(connecting.slice(-2)).toEqual([127, 130]);
    gate.leave();
    expect(connecting.at(-1)).toBe(131);
    for (let n = 0; n < 128; n += 1) gate.leave();
    expect(connecting).toHaveLength(137);
  });

  it('passes over those who stopped wanting to while they waited', () => {
    const gone: number[] = [];
    const { gate, connecting } = gateWith(140, gone);
    gone.push(128, 129);
    gate.leave();
    expect(connecting.slice(-2)).toEqual([127, 130]);
  });

  it('lets nobody overtake those who wait', () => {
    const { gate, connecting, come } = gateWith(130);
    come(130);
    for (let n = 0; n < 128; n += 1) gate.leave();
    expect(connecting.slice(-3)).toEqual([128, 129, 130]);
  });

  it('lets nobody overtake who comes while the line moves', () => {
    const { gate, connecting, come } = gateWith(128);
    gate.enter(() => {
      come(200);
      return false;
    });
    come(129);
    gate.leave();
    gate.leave();
    expect(connecting.slice(-2)).toEqual([129, 200]);
  });

  it('is as open as before when all are through', () => {
    const { gate, connecting, come } = gateWith(1_000);
    for (let n = 0; n < 1_000; n += 1) gate.leave();
    for (let n = 1_000; n < 1_200; n += 1) come(n);
    expect(connecting).toHaveLength(1_128);
  });

  it('goes on where a turn that comes ends at once', () => {
    const gate = new ConnectGate();
    let through = 0;
    for (let n = 0; n < 200; n += 1)
      gate.enter(() => {
        through += 1;
        return false;
      });
    expect(through).toBe(200);
  });
});
