import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import { SOURCE_NAMES } from '../clients/sources.ts';
import { Deadline } from '../context/deadline.ts';
import type { RequestContext } from '../context/request/request-context.ts';
import { DashboardAnswerSchema } from './contract/dashboard.contract.ts';
import type { SourcePlan } from './contract/dashboard.plan.contract.ts';
import type { DashboardRequest } from './contract/dashboard.request.ts';
import { toCompletion, toJson } from './dashboard.answer.ts';
import { missing, present, type Section } from './section.ts';

/** A request that has been under way for 12.6 ms. */
function asked(userId = '1'): readonly [DashboardRequest, RequestContext] {
  const clock = new VirtualClock();
  const deadline = new Deadline(clock, clock.now(), 1_500, 60);
  clock.advance(12.6);
  const context: RequestContext = {
    requestId: 'r',
    deadline,
    forwarded: [],
    audience: '',
    isTight: false,
  };
  deadline.dispose();
  return [{ userId, asked: SOURCE_NAMES, required: new Set(), explains: false }, context];
}

const USER = { id: '1', name: 'Zoë "☕"', email: 'e' };
const PLAN: SourcePlan = {
  cache: 'miss',
  coalesced: false,
  queuedMs: 0,
  breaker: 'closed',
  attempts: [],
};

/** What a source said, as it is when the text is known and when it is not. */
const said = (value: unknown, json?: string) => ({ value, ...(json !== undefined && { json }) });

describe('the answer', () => {
  it('is written letter by letter as it always was', () => {
    const sections: Section[] = [
      present('user', said(USER), 3.4, 1),
      missing('orders', 'timeout', 12, 2),
      present(
        'recommendations',
        { ...said([]), remembered: { ageMs: 7.2, reason: 'saturated' } },
        1,
        0,
      ),
    ];
    expect(toJson(...asked(), sections)).toBe(
      '{"status":"partial_success","userId":"1",' +
        '"data":{"user":{"id":"1","name":"Zoë \\"☕\\"","email":"e"},"orders":null,"recommendations":[]},' +
        '"missing":["orders"],"stale":["recommendations"],"sources":{' +
        '"user":{"status":"fresh","elapsedMs":3,"attempts":1},' +
        '"orders":{"status":"missing","reason":"timeout","message":"no answer within 12 ms","retryable":true,"elapsedMs":12,"attempts":2},' +
        '"recommendations":{"status":"stale","reason":"saturated","ageMs":7,"elapsedMs":1,"attempts":0}},' +
        '"meta":{"requestId":"r","elapsedMs":13,"deadlineMs":1500}}',
    );
  });

  it('passes on the text of a source as it is, and does not ask for the value', () => {
    const section = present(
      'orders',
      {
        get value(): never {
          throw new Error('asked for');
        },
        json: '[{"id":"\\u006f"}]',
      },
      1,
      1,
    );
    expect(toJson(...asked(), [section])).toContain(
      '"data":{"orders":[{"id":"\\u006f"}]},"missing"',
    );
  });

  it('is what its schema says, with and without a plan', () => {
    const section = present('user', said(USER, JSON.stringify(USER)), 3, 1);
    for (const sections of [[section], [{ ...section, plan: PLAN }]]) {
      const answer: unknown = JSON.parse(toJson(...asked(), sections));
      expect(DashboardAnswerSchema.parse(answer)).toEqual(answer);
    }
  });

  it('is the end of a stream and the data, whatever the sources said and the user is called', () => {
    const drawn = fc.record({
      value: fc.jsonValue(),
      isKnown: fc.boolean(),
      isThere: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.string(), fc.array(drawn, { minLength: 1, maxLength: 3 }), (userId, parts) => {
        const sections = parts.map(({ value, isKnown, isThere }, index) => {
          const source = SOURCE_NAMES[index] ?? 'user';
          const data = said(value, isKnown ? JSON.stringify(value) : undefined);
          return isThere ? present(source, data, 1, 1) : missing(source, 'timeout', 1, 1);
        });
        const around = asked(userId);
        const { status, userId: user, ...rest } = toCompletion(...around, sections);
        const data = Object.fromEntries(
          parts.map(({ value, isThere }, index) => [SOURCE_NAMES[index], isThere ? value : null]),
        );
        expect(toJson(...around, sections)).toBe(
          JSON.stringify({ status, userId: user, data, ...rest }),
        );
      }),
    );
  });
});
