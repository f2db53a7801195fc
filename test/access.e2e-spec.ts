import { createHmac } from 'node:crypto';
import net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  claimsOf,
  inSeconds,
  SigningKey,
  TestIssuer,
  type Algorithm,
  type Claims,
} from './support/issuer.ts';
import { problemOf, QUIET, TestService, type Response } from './support/service.ts';

/** Who may read whose dashboard, with every kind of token that comes along. */

const lines: string[] = [];
const keys = {} as Record<Algorithm, SigningKey>;
let stranger: SigningKey;
let issuer: TestIssuer;
let service: TestService;

beforeAll(async () => {
  for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const)
    keys[algorithm] = await SigningKey.make(algorithm, algorithm);
  stranger = await SigningKey.make('ES256', 'ES256');
  issuer = new TestIssuer(...Object.values(keys));
  await issuer.listen();
  service = await TestService.start(
    { ...QUIET, ...issuer.env, EXPLAIN: 'on', LOG_LEVEL: 'trace', FORWARD_AUTHORIZATION: 'true' },
    { write: (line) => lines.push(line) },
  );
});
afterAll(async () => {
  await service.stop();
  await issuer.close();
});
beforeEach(() => {
  service.script();
  lines.length = 0;
});

const ask = (authorization: string | undefined, path = '/dashboard/42'): Promise<Response> =>
  service.request(path, { headers: authorization === undefined ? {} : { authorization } });

const bearer = async (claims: Claims = {}): Promise<string> =>
  `Bearer ${await keys.ES256.sign(claims)}`;

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function expectRefused(response: Response, status: number): void {
  expect(response.status).toBe(status);
  expect(problemOf(response)).toMatchObject({ status, instance: '/dashboard/42' });
  expect(response.headers['cache-control']).toBe('private, no-store');
  expect(service.asked).toBe(0);
}

describe('a good token', () => {
  it.each(['RS256', 'ES256', 'EdDSA'] as const)('signed by %s reads its own', async (algorithm) => {
    const response = await ask(`Bearer ${await keys[algorithm].sign()}`);
    expect(response.status).toBe(200);
    expect(service.asked).toBe(3);
  });

  it.each<[string, () => Claims]>([
    ['with several audiences', () => ({ aud: ['other', 'dashboards'] })],
    ['that has just expired', () => ({ exp: inSeconds(-2) })],
    ['that is about to begin', () => ({ nbf: inSeconds(3) })],
    [
      'of the admin scope, for anybody',
      () => ({ sub: 'root', scope: 'openid dashboard:read:any' }),
    ],
  ])('%s', async (_what, claims) => {
    expect((await ask(await bearer(claims()))).status).toBe(200);
  });

  it('may be asked with HEAD, and with any case of the scheme', async () => {
    const authorization = (await bearer()).replace('Bearer', 'bearer');
    const head = await service.request('/dashboard/42', {
      method: 'HEAD',
      headers: { authorization },
    });
    expect(head.status).toBe(200);
  });

  it('is good as long as it is not expired, also when it was seen before', async () => {
    const authorization = await bearer({ exp: inSeconds(-3) });
    expect((await ask(authorization)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expectRefused(await again(authorization), 401);
  });

  it('is sent on to the sources with FORWARD_AUTHORIZATION', async () => {
    const authorization = await bearer();
    await ask(authorization);
    for (const { headers } of service.sources.user.seen)
      expect(headers.authorization).toBe(authorization);
    expect(service.sources.user.seen).toHaveLength(1);
  });
});

function again(authorization: string): Promise<Response> {
  service.script();
  return ask(authorization);
}

describe('a good token that may not', () => {
  it.each<[string, () => Claims]>([
    ['is of another user', () => ({ sub: '43' })],
    [
      'has a scope that only begins like the admin one',
      () => ({ sub: '43', scope: 'dashboard:read:anybody' }),
    ],
    [
      'has a scope that only ends like the admin one',
      () => ({ sub: '43', scope: 'my-dashboard:read:any' }),
    ],
    ['has the admin scope in a list', () => ({ sub: '43', scope: ['dashboard:read:any'] })],
    ['has the admin scope by another name', () => ({ sub: '43', scopes: 'dashboard:read:any' })],
  ])('%s: 403', async (_what, claims) => {
    const response = await ask(await bearer(claims()));
    expectRefused(response, 403);
    expect(response.headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect(problemOf(response).type).toBe('/problems/forbidden');
  });

  it('compares the id as it is after decoding', async () => {
    const token = await bearer({ sub: 'a@b' });
    expect((await ask(token, '/dashboard/a%40b')).status).not.toBe(403);
  });
});

describe('a token that is no good: 401', () => {
  it.each<[string, () => Claims]>([
    ['expired', () => ({ exp: inSeconds(-7) })],
    ['not yet valid', () => ({ nbf: inSeconds(8) })],
    ['without an end', () => ({ exp: undefined })],
    ['of another issuer', () => ({ iss: 'https://issuer.example' })],
    ['of no issuer', () => ({ iss: undefined })],
    ['for another audience', () => ({ aud: 'dashboards2' })],
    ['for no audience', () => ({ aud: undefined })],
    ['of nobody', () => ({ sub: undefined })],
    ['of an empty name', () => ({ sub: '' })],
  ])('%s', async (_what, claims) => {
    const response = await ask(await bearer(claims()));
    expectRefused(response, 401);
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it.each<[string, () => Promise<string> | string]>([
    ['signed by somebody else under a known name', () => stranger.sign()],
    ['signed by nobody', () => `${encoded({ alg: 'none' })}.${encoded(claimsOf())}.`],
    ['signed by nobody, in capitals', () => `${encoded({ alg: 'NONE' })}.${encoded(claimsOf())}.`],
    ['HS256 with the public key as secret', () => hmacOf(keys.RS256.pem)],
    ['HS256 with the key set as secret', () => hmacOf(JSON.stringify(keys.RS256.jwk))],
    ['of another algorithm than its key', () => keys.ES256.sign({}, { kid: 'RS256' })],
    ['with a changed claim', async () => changed(await keys.ES256.sign({ sub: '43' }))],
    ['too long', () => keys.ES256.sign({ padding: 'x'.repeat(9_000) })],
    ['that is no token', () => 'abc'],
    ['of dots', () => '..'],
    ['with something behind it', async () => `${await keys.ES256.sign()} x`],
  ])('%s', async (_what, token) => {
    const response = await ask(`Bearer ${await token()}`);
    expectRefused(response, 401);
    expect(response.headers['www-authenticate']).toMatch(
      /^Bearer realm="dashboard", error="invalid_token", error_description="the token [a-z ]+"$/,
    );
  });

  it.each<[string, string | undefined]>([
    ['none', undefined],
    ['an empty header', ''],
    ['Basic', 'Basic YWxhZGRpbjpzZXNhbWU='],
    ['another scheme that begins like ours', 'BearerX abc'],
  ])('%s at all, which is no error of the token', async (_what, authorization) => {
    const response = await ask(authorization);
    expectRefused(response, 401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="dashboard"');
  });

  it('two authorization headers, good as each may be', async () => {
    const token = await bearer();
    const response = await rawly([`Authorization: ${token}`, `authorization: ${token}`]);
    expect(response).toMatch(/^HTTP\/1.1 401 /);
    expect(response).toContain('error="invalid_request"');
    expect(service.asked).toBe(0);
  });

  it('before anything is said of the request', async () => {
    const response = await ask(undefined, '/dashboard/42?include=nonsense&explain=maybe');
    expectRefused(response, 401);
    expect(problemOf(response).errors).toBeUndefined();
  });

  it('for a bad id too, unless it may read every one', async () => {
    expect((await ask(await bearer(), '/dashboard/~bad')).status).toBe(403);
    const admin = await bearer({ scope: 'dashboard:read:any' });
    expect((await ask(admin, '/dashboard/~bad')).status).toBe(400);
  });
});

it('no token is logged, good or bad', async () => {
  const good = await keys.ES256.sign();
  const bad = await stranger.sign();
  service.script({ user: { badAnswer: 'bad_json' } });
  for (const token of [good, bad, 'abc.def.ghi']) await ask(`Bearer ${token}`);
  const logged = lines.join('');
  for (const token of [good, bad])
    for (const part of token.split('.')) expect(logged).not.toContain(part);
  expect(logged).not.toContain('abc.def.ghi');
});

function hmacOf(secret: string): string {
  const content = `${encoded({ alg: 'HS256', kid: 'RS256' })}.${encoded(claimsOf())}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

function changed(token: string): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encoded(claimsOf())}.${signature}`;
}

function rawly(headers: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(service.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    const head = ['GET /dashboard/42 HTTP/1.1', 'Host: x', 'Connection: close', ...headers];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
  });
}
