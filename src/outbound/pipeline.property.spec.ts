import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sourceUnderTest } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../errors/errors.ts';

type Step = readonly ['ask' | 'answer' | 'fail' | 'cancel' | 'free' | 'advance' | 'stall', number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...(['ask', 'ask', 'ask', 'answer', 'fail', 'cancel', 'free', 'advance', 'stall'] as const),
    ),
    fc.nat(200),
  ),
  { maxLength: 60 },
);

describe('the pipeline, whatever happens in whatever order', () => {
  it('stays within the limit, tells everybody once, and has nothing left in the end', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const knobs = { MAX_CONCURRENT: '3', MAX_QUEUE: '4', BREAKER_MIN_CALLS: '3' };
        const clock = new VirtualClock();
        const { transport, bulkhead, runtime, ask } = sourceUnderTest(clock, knobs);
        const asked: ReturnType<typeof ask>[] = [];
        let mostOnTheWire = 0;
        for (const [step, number] of script) {
          const exchange = transport.sent[number % transport.sent.length];
          if (step === 'ask') asked.push(ask({ totalMs: 30 + number }));
          else if (step === 'advance') clock.advance(number);
          else if (step === 'stall') clock.stall(number);
          else if (step === 'cancel') asked[number % asked.length]?.unsubscribe();
          else if (step === 'free' && exchange?.open === false) exchange.free();
          else if (step === 'answer' && exchange?.open === true) exchange.answer();
          else if (step === 'fail' && exchange?.open === true)
            exchange.fail(new SourceStatusError(500));
          const onWire = transport.sent.filter((sent) => sent.onWire).length;
          mostOnTheWire = Math.max(mostOnTheWire, onWire);
        }
        clock.advance(1_000);
        for (const exchange of transport.sent) exchange.free();
        for (const { end } of asked) end();
        const open = transport.sent.filter((exchange) => exchange.open);
        const toldTwice = asked.filter(({ values, errors }) => values.length + errors.length > 1);
        expect({ open, toldTwice }).toEqual({ open: [], toldTwice: [] });
        expect(mostOnTheWire).toBeLessThanOrEqual(3);
        expect(bulkhead).toMatchObject({ inFlight: 0, queued: 0 });
        expect(clock.pending).toBe(0);
        void runtime.close();
      }),
      { numRuns: 300 },
    );
  });
});
