import { describe, expect, it } from '@jest/globals';
import { through } from '../../../../test/support/layered.ts';
import {
  bodyOf,
  memoryUnderTest,
  type MemoryOptions,
} from '../../../../test/support/last-known-good.ts';
import {
  HeldHandler,
  outboundCall,
  THING,
  watch,
  type CallOptions,
} from '../../../../test/support/outbound.ts';
import { VirtualClock } from '../../../../test/support/virtual-clock.ts';
import {
  CallError,
  DeadlineExceededError,
  SourceStatusError,
  type CallErrorCode,
} from '../../../errors/errors.ts';
import { consequenceOf, type Recall } from '../../failure-policy.ts';
import { LastKnownGoodInterceptor } from './last-known-good.interceptor.ts';

class AnyCallError extends CallError {
  constructor(code: CallErrorCode) {
    super(code, 'a message');
  }
}

/** Exhaustive: a new code does not compile without its row. */
const RECALLS: Readonly<Record<CallErrorCode, Recall>> = {
  bulkhead_full: 'serve',
  queue_timeout: 'serve',
  circuit_open: 'serve',
  no_instance: 'serve',
  too_late: 'serve',
  shed: 'serve',
  deadline_exceeded: 'serve',
  attempt_timeout: 'serve',
  unfair_timeout: 'serve',
  connect_timeout: 'serve',
  unreachable: 'serve',
  stale_socket: 'serve',
  local_exhaustion: 'serve',
  server_error: 'serve',
  gateway_error: 'serve',
  redirect: 'serve',
  request_timeout: 'serve',
  rate_limited: 'serve',
  not_found: 'erase',
  rejected: 'none',
  invalid_body: 'serve',
  truncated_body: 'serve',
  oversized_body: 'serve',
};

const codesThat = (does: Recall): CallErrorCode[] =>
  (Object.keys(RECALLS) as CallErrorCode[]).filter((code) => RECALLS[code] === does);

function source(options: MemoryOptions = {}) {
  const clock = new VirtualClock();
  const { memory, answers, events } = memoryUnderTest(clock, options);
  const interceptor = new LastKnownGoodInterceptor(memory, clock);
  const ask = (of: CallOptions = {}) => {
    const next = new HeldHandler();
    const call = outboundCall(clock, of);
    return { next, call, ...watch(through(interceptor, call, next)) };
  };
  /** A call that is answered. */
  const seen = (of: CallOptions = {}, value: unknown = THING): void => {
    const { next, call } = ask(of);
    next.answer(value, bodyOf(value));
    call.dispose();
  };
  return { clock, memory, answers, events, ask, seen };
}

describe('the last-known-good interceptor', () => {
  it.each(codesThat('serve'))('lets the last good answer stand in for %s', (code) => {
    const { clock, ask, seen } = source();
    seen();
    clock.advance(61);
    const error = new AnyCallError(code);
    const { next, call, values, events } = ask();
    next.fail(error);
    expect(events).toEqual(['value', 'complete']);
    const { reason } = consequenceOf(error);
    expect(values).toEqual([{ value: THING, remembered: { ageMs: 61, reason } }]);
    expect(call.context.cache).toBe('stale');
  });

  it.each<[string, unknown, boolean]>([
    ...codesThat('none').map((code): [string, unknown, boolean] => [
      code,
      new AnyCallError(code),
      true,
    ]),
    ...codesThat('erase').map((code): [string, unknown, boolean] => [
      code,
      new AnyCallError(code),
      false,
    ]),
    ['401', new SourceStatusError(401), true],
    ['403', new SourceStatusError(403), true],
    ['400', new SourceStatusError(400), true],
    ['404', new SourceStatusError(404), false],
    ['410', new SourceStatusError(410), false],
    ['a bug of ours', new TypeError('x is not a function'), true],
  ])('lets nothing stand in for %s', (_what, error, isKept) => {
    const { ask, seen } = source();
    seen();
    const { next, call, events, errors } = ask();
    next.fail(error);
    expect(events).toEqual(['error']);
    expect(errors).toEqual([error]);
    expect(call.context.cache).toBe('miss');
    const after = ask();
    after.next.fail(new DeadlineExceededError());
    expect(after.events).toEqual(isKept ? ['value', 'complete'] : ['error']);
  });

  it('lets nothing stand in that is too old, or not there', () => {
    const { clock, ask, seen } = source();
    const failure = new DeadlineExceededError();
    const first = ask();
    first.next.fail(failure);
    expect(first.errors).toEqual([failure]);
    seen();
    clock.advance(60_000);
    const later = ask();
    later.next.fail(failure);
    expect(later.errors).toEqual([failure]);
  });

  it.each<[string, CallOptions]>([
    ['another user', { path: '/things/2' }],
    ['another language', { audience: 'de' }],
    ['another caller', { audience: 'en\nanother' }],
  ])('never serves it to %s', (_who, other) => {
    const { ask, seen } = source({ freshMs: 60_000 });
    const mine: CallOptions = { path: '/things/1', audience: 'en\nhash' };
    seen(mine);
    const theirs = ask({ ...mine, ...other });
    theirs.next.fail(new DeadlineExceededError());
    expect(theirs.events).toEqual(['error']);
    expect(ask(mine).events).toEqual(['value', 'complete']);
  });

  it('remembers the newest answer, and none that is itself remembered', () => {
    const { clock, ask, seen } = source();
    seen({}, { name: 'older' });
    clock.advance(1_000);
    seen({}, { name: 'newer' });
    clock.advance(1_000);
    const first = ask();
    first.next.fail(new DeadlineExceededError());
    clock.advance(1_000);
    const second = ask();
    second.next.fail(new DeadlineExceededError());
    expect([...first.values, ...second.values]).toMatchObject([
      { value: { name: 'newer' }, remembered: { ageMs: 1_000 } },
      { value: { name: 'newer' }, remembered: { ageMs: 2_000 } },
    ]);
  });

  it('has no timer where nothing is shared', () => {
    const { clock, ask } = source();
    ask();
    expect(clock.pending).toBe(0);
  });
});

describe('the last-known-good interceptor with an answer that is fresh enough', () => {
  it('gives it without asking', () => {
    const { clock, ask, seen } = source({ freshMs: 5_000 });
    seen();
    clock.advance(4_999);
    const { next, call, values, events } = ask();
    expect(events).toEqual(['value', 'complete']);
    expect(values).toEqual([{ value: THING, remembered: { ageMs: 4_999 } }]);
    expect(call.context.cache).toBe('hit');
    expect(next.subscriptions).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('asks when it is a moment older, and gives it all the same after a failure', () => {
    const { clock, ask, seen } = source({ freshMs: 5_000 });
    seen();
    clock.advance(5_000);
    const { next, values } = ask();
    expect(next.subscriptions).toBe(1);
    next.fail(new SourceStatusError(500));
    expect(values).toEqual([
      { value: THING, remembered: { ageMs: 5_000, reason: 'upstream_error' } },
    ]);
  });

  it('always asks unless it may do otherwise', () => {
    const { ask, seen } = source({ freshMs: 0 });
    seen();
    expect(ask().next.subscriptions).toBe(1);
  });
});
