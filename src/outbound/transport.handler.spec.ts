import { describe, expect, it } from '@jest/globals';
import { FakeTransport, type FakeExchange } from '../../test/support/fake-transport.ts';
import {
  codesOf,
  outboundCall,
  THING,
  watch,
  type CallOptions,
  type Thing,
} from '../../test/support/outbound.ts';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SourceStatusError } from '../errors/errors.ts';
import { Flow } from './flow.ts';
import { observe, type CallFlow } from './outbound.interceptor.ts';
import { TransportHandler } from './transport.handler.ts';

function handlerWith(options: CallOptions = {}) {
  const clock = new VirtualClock();
  const transport = new FakeTransport();
  const handler = new TransportHandler(transport);
  const call = outboundCall(clock, options);
  call.attempt.instance = { origin: 'http://a:80', weight: 1, address: 'a:80', inFlight: 1 };
  call.attempt.number = 1;
  return { clock, transport, handler, call, ask: () => watch(observe(handler, call)) };
}

/** The value of one header in a flat list. */
const header = (headers: readonly string[], name: string): string | undefined =>
  headers[headers.indexOf(name) + 1];

describe('TransportHandler', () => {
  it('sends the path to the picked instance, over the wire of the attempt', () => {
    const { transport, call, ask } = handlerWith();
    ask();
    expect(transport.exchange(0).request).toMatchObject({
      origin: 'http://a:80',
      path: '/things/1',
      wire: call.attempt.wire,
    });
  });

  it('sends exactly the promised headers, with what the caller may pass on at the end', () => {
    const { transport, ask } = handlerWith({ forwarded: ['accept-language', 'de'] });
    ask();
    expect(transport.exchange(0).request.headers).toEqual([
      ...['accept', 'application/json'],
      ...['accept-encoding', 'identity'],
      ...['x-request-id', 'request-1'],
      ...['x-request-timeout-ms', '1430'],
      ...['x-attempt', '1'],
      ...['accept-language', 'de'],
    ]);
  });

  it.each([
    { waitedMs: 100.4, told: '1329' },
    { waitedMs: 1_429, told: '1' },
    { waitedMs: 1_439.5, told: '1' },
    { waitedMs: 1_500, told: '1' },
  ])('after $waitedMs ms tells the source to be done in $told ms', ({ waitedMs, told }) => {
    const { clock, transport, ask } = handlerWith();
    clock.advance(waitedMs);
    ask();
    expect(header(transport.exchange(0).request.headers, 'x-request-timeout-ms')).toBe(told);
  });

  it('sends nothing before somebody subscribes', () => {
    const { transport, handler, call } = handlerWith();
    observe(handler, call);
    expect(transport.sent).toEqual([]);
  });

  it('turns the bytes into the checked value, without what the schema does not know', () => {
    const { transport, ask } = handlerWith();
    const seen = ask();
    transport.exchange(0).answer({ ...THING, password: 'hunter2' });
    expect(seen.values).toEqual([{ value: THING, body: expect.any(Buffer) }]);
    expect(seen.events).toEqual(['value', 'complete']);
  });

  it.each(['', '{"name":', '<html>', '{"name":1}', '[]', 'null'])(
    'takes the body %j for invalid',
    (body) => {
      const { transport, ask } = handlerWith();
      const seen = ask();
      transport.exchange(0).answerBytes(body);
      expect(codesOf(seen.errors)).toEqual(['invalid_body']);
      expect(seen.events).toEqual(['error']);
    },
  );

  it("passes the transport's errors through as they are", () => {
    const { transport, ask } = handlerWith();
    const seen = ask();
    const error = new SourceStatusError(503, 1_000);
    transport.exchange(0).fail(error);
    expect(seen.errors[0]).toBe(error);
  });

  it('aborts the exchange when it is cancelled', () => {
    const { transport, ask } = handlerWith();
    ask().unsubscribe();
    expect(transport.exchange(0).aborted).toBe(true);
  });

  it.each<[string, (exchange: FakeExchange) => void]>([
    ['an answer', (exchange) => exchange.answer()],
    [
      'an error whose body still drains',
      (exchange) => exchange.failBusy(new SourceStatusError(503)),
    ],
  ])('leaves the exchange alone after %s: its connection is kept', (_what, end) => {
    const { transport, ask } = handlerWith();
    const seen = ask();
    end(transport.exchange(0));
    seen.unsubscribe();
    expect(transport.exchange(0).cancellations).toBe(0);
  });

  it('sends nothing where nobody waits any more', () => {
    const { transport, handler, call } = handlerWith();
    const flow: CallFlow<Thing> = new Flow({ next() {}, error() {}, complete() {} });
    flow.unsubscribe();
    handler.handle(call, flow);
    expect(transport.sent).toEqual([]);
  });

  it('does not send an attempt that was given no instance', () => {
    const { transport, call, ask } = handlerWith();
    call.attempt.instance = undefined;
    let thrown: unknown;
    try {
      [thrown] = ask().errors;
    } catch (error) {
      thrown = error;
    }
    expect(codesOf([thrown])).toEqual(['no_instance']);
    expect(transport.sent).toEqual([]);
  });
});
