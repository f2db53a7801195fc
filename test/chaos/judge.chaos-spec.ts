import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DashboardAnswer } from '../../src/dashboard/contract/dashboard.contract.ts';
import { answerOf } from '../support/service.ts';
import type { Exchange, Promises } from './support/judge/exchange.ts';
import { wrongWith } from './support/judge/judge.ts';
import { Ordeal, PLAIN } from './support/ordeal.ts';
import { Stage } from './support/stage.ts';

/** The judge finds what is wrong: with an answer of the real service of which one thing at a time is falsified. */

let stage: Stage;
let ordeal: Ordeal;
let honest: Exchange;
let partial: Exchange;
beforeAll(async () => {
  stage = await Stage.start();
  ordeal = await Ordeal.start(stage, { SOURCE_RETRIES: '0' });
  await stage.proxy.begin(1);
  honest = await ordeal.answer({ ...PLAIN, userId: 'user-8' });
  const broken = { kind: 'half_close', at: 'in the body' } as const;
  await stage.proxy.set({ 'orders-1': broken, 'orders-2': broken });
  partial = await ordeal.answer({ ...PLAIN, userId: 'user-9' });
});
afterAll(async () => {
  await ordeal.stop();
  await stage.stop();
});

const PROMISES: Promises = {
  deadlineMs: 600,
  staleMs: { user: 1_500, orders: 0, recommendations: 60_000 },
  freshMs: 0,
};

/** The same answer with this done to its body. */
const falsified = (exchange: Exchange, falsify: (answer: DashboardAnswer) => void): Exchange => {
  const answer = answerOf(exchange.response);
  falsify(answer);
  return { ...exchange, response: { ...exchange.response, text: JSON.stringify(answer) } };
};

it('nothing, where nothing is', () => {
  expect(wrongWith(honest, PROMISES)).toEqual([]);
  expect(wrongWith(partial, PROMISES)).toEqual([]);
});

it('what comes too late', () => {
  const { response } = honest;
  const late = { ...honest, lateMs: 100, response: { ...response, elapsedMs: 951 } };
  expect(wrongWith(late, PROMISES)).toEqual([expect.stringContaining('took 951 ms')]);
});

it('an answer in another form', () => {
  const { response } = honest;
  const cut = { ...honest, response: { ...response, text: response.text.slice(0, -1) } };
  expect(wrongWith(cut, PROMISES)).toEqual(['is not JSON']);
  expect(
    wrongWith(
      falsified(honest, (answer) => (answer.userId = 'user-9')),
      PROMISES,
    ),
  ).toEqual(['userId is "user-9", not "user-8"']);
});

describe('a section', () => {
  it('of another user', () => {
    const mixed = falsified(honest, ({ data }) => (data.orders = answerOf(ofOther()).data.orders));
    expect(wrongWith(mixed, PROMISES)).toEqual([
      expect.stringContaining('orders is not what its source said of this user'),
    ]);
  });

  const ofOther = (): Exchange['response'] => {
    const { response } = honest;
    return { ...response, text: response.text.replaceAll('user-8', 'user-80') };
  };

  it('that is missing and not said to be', () => {
    const silent = falsified(partial, (answer) => (answer.missing = []));
    expect(wrongWith(silent, PROMISES)).toEqual(['missing is [], not ["orders"]']);
  });

  it('that is old and said to be fresh', () => {
    const old = falsified(honest, ({ data }) => {
      for (const order of data.orders ?? []) order.placedAt = `${Date.now() - 5_000}`;
    });
    expect(wrongWith(old, PROMISES)).toEqual([expect.stringMatching(/^orders is \d+ ms old/)]);
  });

  it('that is remembered for too long', () => {
    const old = falsified(honest, (answer) => {
      answer.sources.user = {
        status: 'stale',
        reason: 'timeout',
        ageMs: 1_530,
        elapsedMs: 1,
        attempts: 1,
      };
      if (answer.data.user) answer.data.user.plan = `${Date.now() - 1_530}`;
    });
    expect(wrongWith(old, PROMISES)).toContain('user is 1530 ms old where 1500 are allowed');
  });

  it('with a message that tells too much', () => {
    const talkative = falsified(partial, ({ sources }) => {
      if (sources.orders?.status === 'missing') sources.orders.message = 'connect ECONNREFUSED';
    });
    expect(wrongWith(talkative, PROMISES)).toEqual(['orders tells too much: connect ECONNREFUSED']);
  });
});

it('a success that is none, also in the headers', () => {
  const proud = falsified(partial, (answer) => (answer.status = 'success'));
  expect(wrongWith(proud, PROMISES)).toEqual(['status is "success", not "partial_success"']);
  const { response } = partial;
  const headers = { ...response.headers, 'x-aggregation-complete': 'true' };
  expect(wrongWith({ ...partial, response: { ...response, headers } }, PROMISES)).toEqual([
    'x-aggregation-complete is "true", not "false"',
  ]);
});
