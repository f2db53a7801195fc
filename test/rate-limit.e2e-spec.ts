import { afterEach, describe, expect, it } from '@jest/globals';
import { SigningKey, TestIssuer } from './support/issuer.ts';
import { problemOf, QUIET, TestService, type Response } from './support/service.ts';

/** How often a caller may ask. */

const LIMITED = { ...QUIET, RATE_LIMIT_RPS: '1', RATE_LIMIT_BURST: '3' };

let service: TestService | undefined;
let issuer: TestIssuer | undefined;
afterEach(async () => {
  await service?.stop();
  await issuer?.close();
  service = issuer = undefined;
});

async function start(env: Readonly<Record<string, string>>): Promise<TestService> {
  service = await TestService.start(env);
  return service;
}

async function startWithTokens(): Promise<(sub: string, path?: string) => Promise<Response>> {
  const key = await SigningKey.make('ES256', 'a');
  issuer = new TestIssuer(key);
  await issuer.listen();
  const started = await start({ ...LIMITED, ...issuer.env });
  return async (sub, path = `/dashboard/${sub}`) =>
    started.request(path, { headers: { authorization: `Bearer ${await key.sign({ sub })}` } });
}

/** The statuses of so many requests, one after the other. */
async function statuses(times: number, ask: () => Promise<Response>): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let at = 0; at < times; at += 1) seen.push((await ask()).status);
  return seen;
}

const from = (address: string) => (): Promise<Response> => {
  if (service === undefined) throw new Error('no service');
  return service.request('/dashboard/42', { headers: { 'x-forwarded-for': address } });
};

describe('a caller', () => {
  it('may ask a burst at once, is told when to come again, and may then', async () => {
    const { request, sources, asked } = await limited();
    const first = await request('/dashboard/42');
    expect(first.headers['ratelimit-policy']).toBe('"caller";q=3;w=3');
    expect(first.headers.ratelimit).toBe('"caller";r=2;t=1');
    await request('/dashboard/42');
    await request('/dashboard/42');
    const refused = await request('/dashboard/42');
    expect(refused.status).toBe(429);
    expect(problemOf(refused)).toMatchObject({ type: '/problems/rate-limited', status: 429 });
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.headers.ratelimit).toBe('"caller";r=0;t=1');
    expect(refused.headers['ratelimit-policy']).toBe('"caller";q=3;w=3');
    expect(sources.user.counts.requests).toBe(3);
    expect(asked()).toBe(9);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await request('/dashboard/42')).status).toBe(200);
  });

  it('pays once for a HEAD', async () => {
    const { request } = await limited();
    const head = await request('/dashboard/42', { method: 'HEAD' });
    expect(head.headers.ratelimit).toBe('"caller";r=2;t=1');
  });

  it('pays for bad requests too, and not for what is no dashboard', async () => {
    const { request } = await limited();
    for (const path of ['/health/live', '/openapi.json', '/nowhere'])
      expect((await request(path)).headers.ratelimit).toBeUndefined();
    expect(await statuses(5, () => request('/dashboard/~bad'))).toEqual([400, 400, 400, 429, 429]);
  });

  it('has twice the rate for a burst unless said otherwise', async () => {
    const { request } = await start({ ...QUIET, RATE_LIMIT_RPS: '7' }).then(bound);
    expect((await request('/dashboard/42')).headers['ratelimit-policy']).toBe('"caller";q=14;w=2');
  });

  it('is not limited by default, and no header speaks of it', async () => {
    const { request } = await start(QUIET).then(bound);
    const response = await request('/dashboard/42');
    expect(Object.keys(response.headers).filter((name) => /rate|retry/.test(name))).toEqual([]);
    expect(await statuses(50, () => request('/dashboard/42'))).not.toContain(429);
  });
});

describe('who a caller is', () => {
  it('without tokens the address of the connection, whatever X-Forwarded-For says', async () => {
    await start(LIMITED);
    expect(await statuses(3, from('192.0.2.1'))).toEqual([200, 200, 200]);
    expect(await statuses(1, from('192.0.2.2'))).toEqual([429]);
  });

  it('the address that a trusted proxy names, and an IPv6 one by its /64', async () => {
    await start({ ...LIMITED, TRUST_PROXY: '10.0.0.0/8,127.0.0.0/8' });
    expect(await statuses(4, from('192.0.2.1'))).toEqual([200, 200, 200, 429]);
    expect(await statuses(1, from('192.0.2.2'))).toEqual([200]);
    expect(await statuses(1, from('203.0.113.9, 192.0.2.1, 10.1.2.3'))).toEqual([429]);
    expect(await statuses(3, from('2001:db8::1'))).toEqual([200, 200, 200]);
    expect(await statuses(1, from('2001:db8::ffff:2'))).toEqual([429]);
    expect(await statuses(1, from('2001:db8:0:1::1'))).toEqual([200]);
  });

  it('the address of the connection when the proxy is not one of those', async () => {
    await start({ ...LIMITED, TRUST_PROXY: '10.0.0.0/8' });
    await statuses(3, from('192.0.2.1'));
    expect(await statuses(1, from('192.0.2.2'))).toEqual([429]);
  });

  it('with tokens the subject, whatever the token', async () => {
    const ask = await startWithTokens();
    expect(await statuses(4, () => ask('42'))).toEqual([200, 200, 200, 429]);
    expect(await statuses(1, () => ask('43'))).toEqual([200]);
  });

  it('for a bad token the address: guessing is limited, and costs nobody with a good one', async () => {
    const ask = await startWithTokens();
    const { request, asked } = bound(service);
    expect(await statuses(5, () => request('/dashboard/42'))).toEqual([401, 401, 401, 429, 429]);
    expect(asked()).toBe(0);
    expect(await statuses(1, () => ask('42'))).toEqual([200]);
  });

  it('for a 403 the subject that asked, not the one that was asked for', async () => {
    const ask = await startWithTokens();
    expect(await statuses(4, () => ask('43', '/dashboard/42'))).toEqual([403, 403, 403, 429]);
    expect(await statuses(1, () => ask('42'))).toEqual([200]);
  });
});

const limited = (): Promise<ReturnType<typeof bound>> => start(LIMITED).then(bound);

function bound(started: TestService | undefined) {
  if (started === undefined) throw new Error('no service');
  return {
    request: started.request.bind(started),
    sources: started.sources,
    asked: () => started.asked,
  };
}
