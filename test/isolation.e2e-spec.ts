import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SOURCE_NAMES } from '../src/clients/sources.ts';
import { SigningKey, TestIssuer, type Claims } from './support/issuer.ts';
import { answerOf, QUIET, TestService, until, type Response } from './support/service.ts';

/** Where callers are known, what one was told is for the same one only: whoever else may read it is told anew. */

const OWNER: Claims = { sub: '42' };
const ADMIN: Claims = { sub: 'root', scope: 'dashboard:read:any' };
const OTHER_ADMIN: Claims = { sub: 'toor', scope: 'dashboard:read:any' };

let key: SigningKey;
let issuer: TestIssuer;
let running: TestService | undefined;

beforeAll(async () => {
  key = await SigningKey.make('EdDSA', 'key');
  issuer = new TestIssuer(key);
  await issuer.listen();
});
afterAll(async () => {
  await running?.stop();
  await issuer.close();
});

async function start(env: Readonly<Record<string, string>>) {
  await running?.stop();
  const started = await TestService.start({ ...QUIET, ...issuer.env, ...env });
  running = started;
  /** With a token of its own each time. */
  const ask = async (claims: Claims): Promise<Response> => {
    const token = await key.sign({ ...claims, jti: Math.random().toString() });
    return started.request('/dashboard/42', { headers: { authorization: `Bearer ${token}` } });
  };
  return { service: started, ask };
}

it('an answer stands in for the same caller only', async () => {
  const { service, ask } = await start({
    SOURCE_STALE_MS: '60000',
    SOURCE_BREAKER_MIN_CALLS: '100000',
  });
  expect((await ask(OWNER)).status).toBe(200);
  service.script(Object.fromEntries(SOURCE_NAMES.map((name) => [name, { errorRate: 1 }])));
  expect((await ask(ADMIN)).status).toBe(502);
  expect(answerOf(await ask(OWNER)).stale).toEqual(SOURCE_NAMES);
});

it('an answer is fresh enough for the same caller only', async () => {
  const { service, ask } = await start({ SOURCE_FRESH_MS: '60000' });
  for (const claims of [OWNER, ADMIN, OWNER, OTHER_ADMIN, ADMIN])
    expect((await ask(claims)).status).toBe(200);
  expect(service.asked).toBe(3 * SOURCE_NAMES.length);
});

it('a call that is under way is shared with nobody else', async () => {
  const { service, ask } = await start({ SOURCE_COALESCE: 'on' });
  service.script(Object.fromEntries(SOURCE_NAMES.map((name) => [name, { badAnswer: 'hang' }])));
  const answers = [OWNER, ADMIN, OWNER, OTHER_ADMIN, ADMIN].map(ask);
  await until(() => service.asked === 3 * SOURCE_NAMES.length, 'each has asked');
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([
    504, 504, 504, 504, 504,
  ]);
  expect(service.asked).toBe(3 * SOURCE_NAMES.length);
});
