import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import { HeldHandler, outboundCall, THING, watch } from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import { BulkheadFullError } from '../../../errors/errors.ts';
import type { OutboundListener } from '../../outbound-events.ts';
import { TelemetryInterceptor } from './telemetry.interceptor.ts';

function listened(...others: OutboundListener[]) {
  const told: unknown[] = [];
  const listener: OutboundListener = { callEnded: (call, end) => told.push([call, end]) };
  const next = new HeldHandler();
  const call = outboundCall(new VirtualClock());
  const interceptor = new TelemetryInterceptor([...others, listener]);
  return { told, next, call, seen: watch(through(interceptor, call, next)) };
}

describe('the telemetry interceptor', () => {
  it('tells of a value, once', () => {
    const { told, next, call, seen } = listened();
    expect(told).toEqual([]);
    next.answer(THING);
    seen.unsubscribe();
    expect(told).toEqual([[call, { kind: 'value', value: { value: THING } }]]);
  });

  it('tells of an error, also of a refusal that was decided without an attempt', () => {
    const { told, next, call } = listened();
    const error = new BulkheadFullError();
    next.fail(error);
    expect(told).toEqual([[call, { kind: 'error', error }]]);
  });

  it('tells of a cancellation', () => {
    const { told, call, seen } = listened();
    seen.unsubscribe();
    expect(told).toEqual([[call, { kind: 'cancel' }]]);
  });

  it('tells every listener that wants to know', () => {
    const kinds: string[] = [];
    const { told, next } = listened({ callEnded: (_call, { kind }) => void kinds.push(kind) }, {});
    next.answer(THING);
    expect(kinds).toEqual(['value']);
    expect(told).toHaveLength(1);
  });
});
