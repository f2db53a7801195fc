import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SigningKey, TestIssuer, type Trouble } from './support/issuer.ts';
import { problemOf, QUIET, TestService, until, type Response } from './support/service.ts';

/** The keys of the tokens' issuer: they change, and the issuer goes away. */

let key: SigningKey;
let next: SigningKey;
let issuer: TestIssuer;
let service: TestService | undefined;

beforeAll(async () => {
  key = await SigningKey.make('ES256', 'first');
  next = await SigningKey.make('ES256', 'second');
});
beforeEach(async () => {
  issuer = new TestIssuer(key);
  await issuer.listen();
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  await issuer.close();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<TestService> {
  service = await TestService.start({ ...QUIET, ...issuer.env, ...env });
  return service;
}

/** A service that has read the keys. */
async function startInformed(env: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const started = await start(env);
  expect((await ask(await key.sign())).status).toBe(200);
  started.script();
  return started;
}

function ask(token: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  if (service === undefined) throw new Error('no service');
  return service.request('/dashboard/42', {
    headers: { ...headers, authorization: `Bearer ${token}` },
  });
}

/** Asks again and again, as a caller would that was told to come later. */
async function untilStatus(status: number, token: string, withinMs: number): Promise<Response> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const response = await ask(token);
    if (response.status === status || performance.now() > giveUpAt) return response;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a new key', () => {
  it('is found when a token names it, and the old one is good as long as it is listed', async () => {
    await start();
    expect((await ask(await next.sign())).status).toBe(401);
    issuer.keys = [key, next];
    expect((await untilStatus(200, await next.sign(), 15_000)).status).toBe(200);
    expect((await ask(await key.sign())).status).toBe(200);
    issuer.keys = [next];
    expect(issuer.asked).toBeLessThanOrEqual(3);
  }, 20_000);

  it('is found under no name too, among several of one kind', async () => {
    const [one, other] = [await SigningKey.make('ES256'), await SigningKey.make('ES256')];
    issuer.keys = [one, other];
    await start();
    expect((await ask(await one.sign())).status).toBe(200);
    expect((await ask(await other.sign())).status).toBe(200);
    expect((await ask(await SigningKey.make('ES256').then((key3) => key3.sign()))).status).toBe(
      401,
    );
  });

  it('is not asked for by every token with an unknown name: no flood', async () => {
    await startInformed();
    const asked = issuer.asked;
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, at) => next.sign({}, { kid: `made-up-${at}` })),
    );
    for (const { status } of await Promise.all(tokens.map((token) => ask(token))))
      expect(status).toBe(401);
    expect(issuer.asked - asked).toBeLessThanOrEqual(1);
  });
});

describe('an issuer that is not there at the start', () => {
  it.each<Trouble | 'down'>(['down', 'hang', 'garbage', 'error', 'redirect', 'endless', 'empty'])(
    '%s: 503 with Retry-After inside the deadline, and good again by itself',
    async (trouble) => {
      if (trouble === 'down') await issuer.close();
      else issuer.trouble = trouble;
      const started = await start({ DEADLINE_MS: '500' });
      const token = await key.sign();
      const refused = await ask(token);
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toMatch(/^[1-9]$/);
      expect(problemOf(refused).type).toBe('/problems/issuer-unavailable');
      expect(refused.text).not.toContain('127.0.0.1');
      expect(refused.elapsedMs).toBeLessThan(1_000);
      expect(started.asked).toBe(0);
      issuer.trouble = undefined;
      await issuer.listen().catch(() => undefined);
      expect((await untilStatus(200, token, 8_000)).status).toBe(200);
    },
    15_000,
  );

  it("does not make a request wait beyond the caller's own deadline", async () => {
    issuer.trouble = 'hang';
    await start({ DEADLINE_MS: '60000' });
    const refused = await ask(await key.sign(), { 'x-request-timeout-ms': '100' });
    expect(refused.status).toBe(503);
    expect(refused.elapsedMs).toBeLessThan(1_000);
  });

  it('does not count the wait twice: the dashboard has what is left', async () => {
    issuer.trouble = 'hang';
    const started = await start({ DEADLINE_MS: '1500' });
    started.script({ orders: { badAnswer: 'hang' } });
    const asking = ask(await key.sign());
    await new Promise((resolve) => setTimeout(resolve, 700));
    issuer.giveHeld();
    const response = await asking;
    expect(response.status).toBe(200);
    expect(response.headers['x-aggregation-complete']).toBe('false');
    expect(response.elapsedMs).toBeLessThan(1_900);
  });

  it('asks no source for a caller who left while waiting', async () => {
    issuer.trouble = 'hang';
    const started = await start();
    const token = await key.sign();
    const request = http
      .get({
        host: '127.0.0.1',
        port: started.port,
        path: '/dashboard/42',
        agent: false,
        headers: { authorization: `Bearer ${token}` },
      })
      .on('error', () => undefined);
    const [arrived] = (await once(started.app.server, 'request')) as [IncomingMessage];
    request.destroy();
    await new Promise((resolve) => arrived.once('close', resolve));
    await until(() => issuer.asked > 0, 'the keys are asked for');
    issuer.giveHeld();
    expect((await ask(token)).status).toBe(200);
    expect(started.asked).toBe(3);
  });

  it('says so once, without its address', async () => {
    await issuer.close();
    const lines: string[] = [];
    service = await TestService.start(
      { ...QUIET, ...issuer.env, LOG_LEVEL: 'info' },
      { write: (line) => lines.push(line) },
    );
    const token = await key.sign();
    await untilStatus(200, token, 1_500);
    await issuer.listen();
    await untilStatus(200, token, 5_000);
    const ofKeys = lines.filter((line) => line.includes('keys of the tokens'));
    expect(ofKeys).toHaveLength(2);
    expect(ofKeys[0]).toContain('ECONNREFUSED');
    expect(ofKeys[1]).toContain('again');
    expect(lines.join('')).not.toContain(token);
    expect(ofKeys.join('')).not.toContain('jwks.json');
  }, 15_000);
});

describe('an issuer that goes away later', () => {
  it.each<Trouble | 'down'>(['down', 'hang', 'garbage', 'error', 'empty'])(
    '%s: known keys are good, an unknown one is refused',
    async (trouble) => {
      await start({ DEADLINE_MS: '500' });
      expect((await ask(await key.sign())).status).toBe(200);
      if (trouble === 'down') await issuer.close();
      else issuer.trouble = trouble;
      expect((await ask(await next.sign())).status).toBe(401);
      expect((await ask(await key.sign({ jti: 'not seen before' }))).status).toBe(200);
    },
  );
});

describe('two callers', () => {
  it('share no call, and one caller does', async () => {
    const started = await startInformed({ SOURCE_COALESCE: 'on' });
    started.script({ user: { latencyMs: 200 }, orders: { latencyMs: 200 } });
    const admin = { scope: 'dashboard:read:any' };
    const tokens = await Promise.all([
      key.sign(),
      key.sign({ jti: 'another token of the same' }),
      key.sign({ ...admin, sub: 'root' }),
    ]);
    for (const { status } of await Promise.all(tokens.map((token) => ask(token))))
      expect(status).toBe(200);
    expect(started.sources.user.counts.requests).toBe(2);
  });
});
