import { describe, expect, it } from '@jest/globals';
import { of, type Observable } from 'rxjs';
import { handlerOf, FrameOf } from '../../test/support/layered.ts';
import { outboundCall, THING, watch } from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { compose, observe, type OutboundInterceptor } from './outbound.interceptor.ts';

describe('compose', () => {
  const order: string[] = [];
  const layer = (name: string): OutboundInterceptor => ({
    intercept: (call, flow, next) => {
      order.push(`${name} sees the call`);
      flow.onEnd(new FrameOf(() => order.push(`${name} sees the value`)));
      next.handle(call, flow);
    },
  });
  const last = handlerOf(() => of({ value: THING }) as Observable<never>);

  it('shows the call to the first of the list first, and the value to the last', () => {
    const handler = compose([layer('first'), layer('second')], last);
    const seen = watch(observe(handler, outboundCall(new VirtualClock())));
    expect(seen.values).toEqual([{ value: THING }]);
    expect(order).toEqual([
      'first sees the call',
      'second sees the call',
      'second sees the value',
      'first sees the value',
    ]);
  });

  it('of no layers is the handler itself', () => {
    expect(compose([], last)).toBe(last);
  });
});
