import { expect } from '@jest/globals';
import type { FakeExchange } from './fake-transport.ts';
import { sourceUnderTest } from './outbound.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Answers take so long, so that a hedge is due between this and a tenth more. */
export const USUAL_MS = 50;
export const DUE_MS = 55;

/** Tokens for two hedges. */
const KNOWN: readonly number[] = Array.from({ length: 40 }, () => USUAL_MS);

/**
 * One whole source with two instances and hedging on, over a network played by hand.
 *
 * @param answersMs how long its earlier answers took
 */
export function hedgedSource(
  knobs: Readonly<Record<string, string>> = {},
  answersMs: readonly number[] = KNOWN,
) {
  const clock = new VirtualClock();
  const made = sourceUnderTest(clock, { HEDGE: 'on', URL: 'http://a:80,http://b:80', ...knobs });
  const { transport, bulkhead, balancer } = made;
  answersMs.forEach((ms, index) => {
    const { end } = made.ask();
    clock.advance(ms);
    transport.exchange(index).answer();
    end();
  });
  const from = transport.sent.length;
  /** Those that were sent since then. */
  const sent = (): readonly FakeExchange[] => transport.sent.slice(from);
  const exchange = (index: number): FakeExchange => transport.exchange(from + index);
  /** The requests are over and the sockets done: what is left then was leaked. */
  const expectNothingLeft = (...calls: { end(): void }[]): void => {
    for (const { end } of calls) end();
    for (const one of transport.sent) one.free();
    expect(transport.sent.filter(({ open }) => open)).toEqual([]);
    expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
    expect(balancer.list.every(({ inFlight }) => inFlight === 0)).toBe(true);
    expect(clock.pending).toBe(0);
  };
  return { ...made, clock, sent, exchange, expectNothingLeft };
}
