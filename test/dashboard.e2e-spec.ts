import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DATA } from '../demo/data.ts';
import { SOURCE_NAMES } from '../src/clients/sources.ts';
import { DashboardAnswerSchema } from '../src/dashboard/contract/dashboard.contract.ts';
import { ProblemSchema } from '../src/http/problem/problem.ts';
import { answerOf, problemOf, TestService } from './support/service.ts';

/** `GET /dashboard/{user_id}` when all is well, and what HTTP expects around it. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());
afterEach(() => service.script());

describe('the answer', () => {
  it('holds every section, fresh, and nothing that the contracts do not name', async () => {
    const response = await service.request('/dashboard/41');

    const answer = answerOf(response);
    const { passwordHash: _, ...user } = DATA.user('41') as Record<string, unknown>;
    expect(response.status).toBe(200);
    expect(DashboardAnswerSchema.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({
      status: 'success',
      userId: '41',
      data: { user, orders: DATA.orders('41'), recommendations: DATA.recommendations('41') },
      missing: [],
      stale: [],
      meta: { requestId: response.headers['x-request-id'], deadlineMs: 1500 },
    });
    expect(Object.keys(answer.data)).toEqual([...SOURCE_NAMES]);
    for (const report of Object.values(answer.sources))
      expect(report).toEqual({ status: 'fresh', attempts: 1, elapsedMs: expect.any(Number) });
    expect(response.text).not.toContain('passwordHash');
  });

  it('says in headers what the body says in full', async () => {
    const { headers } = await service.request('/dashboard/41');

    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['x-aggregation-complete']).toBe('true');
    expect(headers['cache-control']).toBe('private, no-cache');
    expect(headers['server-timing']).toMatch(
      new RegExp(
        `^(${SOURCE_NAMES.map((name) => `${name};dur=[\\d.]+;desc="fresh", `).join('')})total;dur=[\\d.]+$`,
      ),
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it.each([
    ['?include=user', ['user']],
    ['?include=orders,user', ['user', 'orders']],
    ['?include=recommendations,recommendations', ['recommendations']],
    ['?include=user%2Corders', ['user', 'orders']],
    ['?include=user&utm=a&utm=b', ['user']],
    ['?require=user', [...SOURCE_NAMES]],
    ['?explain=false', [...SOURCE_NAMES]],
  ])('%s asks only what it names', async (query, sections) => {
    const answer = answerOf(await service.request(`/dashboard/41${query}`));

    expect(answer.status).toBe('success');
    expect(Object.keys(answer.data)).toEqual(sections);
    expect(Object.keys(answer.sources)).toEqual(sections);
    expect(service.asked).toBe(sections.length);
  });

  it.each(['a', '-', '_x', 'A-Z.a~z@0:9_', 'x'.repeat(128), '%41%42', 'a%40b'])(
    'accepts the id %s',
    async (id) => {
      const { status } = await service.request(`/dashboard/${id}?include=orders`);
      expect(status).toBe(200);
      expect(service.sources.orders.seen[0]?.url).toBe(
        `/orders?user_id=${encodeURIComponent(decodeURIComponent(id))}`,
      );
    },
  );
});

describe('what travels to a source', () => {
  it.each(['undici', 'axios'])(
    'over %s is the id, the deadline, the trace and the language, and nothing else',
    async (TRANSPORT) => {
      const asking = await TestService.start({ TRANSPORT });
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await asking.request('/dashboard/41', {
        headers: {
          'x-request-id': 'caller-1',
          'x-request-timeout-ms': '400',
          traceparent,
          tracestate: 'a=b',
          'accept-language': 'de',
          authorization: 'Bearer secret',
          cookie: 'session=secret',
          'x-forwarded-for': '10.0.0.1',
          'user-agent': 'test',
        },
      });

      for (const source of Object.values(asking.sources)) {
        const {
          host: _,
          connection: __,
          'x-request-timeout-ms': timeoutMs,
          ...headers
        } = source.seen[0]?.headers ?? {};
        expect(headers).toEqual({
          accept: 'application/json',
          'accept-encoding': 'identity',
          'accept-language': 'de',
          traceparent,
          tracestate: 'a=b',
          'x-attempt': '1',
          'x-request-id': 'caller-1',
        });
        expect(Number(timeoutMs)).toBeGreaterThan(200);
        expect(Number(timeoutMs)).toBeLessThanOrEqual(330);
      }
      await asking.stop();
    },
  );

  it('is the authorization too, where that is configured', async () => {
    const forwarding = await TestService.start({ FORWARD_AUTHORIZATION: 'true' });
    await forwarding.request('/dashboard/41', { headers: { authorization: 'Bearer secret' } });
    for (const source of Object.values(forwarding.sources))
      expect(source.seen[0]?.headers.authorization).toBe('Bearer secret');
    await forwarding.stop();
  });
});

describe('the request id', () => {
  it.each(['a', 'A.b_c:d-1', 'x'.repeat(128)])('%s is echoed', async (id) => {
    const response = await service.request('/dashboard/41', { headers: { 'x-request-id': id } });
    expect(response.headers['x-request-id']).toBe(id);
    expect(answerOf(response).meta.requestId).toBe(id);
  });

  it.each(['', 'a b', 'ä', 'x'.repeat(129), '{}'])('%j is replaced', async (id) => {
    const { headers } = await service.request('/dashboard/41', {
      headers: { 'x-request-id': Buffer.from(id).toString('latin1') },
    });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('HTTP', () => {
  it.each<[string, string, number]>([
    ['GET', '/dashboard/41', 200],
    ['HEAD', '/dashboard/41', 200],
    ['OPTIONS', '/dashboard/41', 204],
    ['POST', '/dashboard/41', 405],
    ['GET', '/dashboard/41?include=x', 400],
    ['GET', '/dashboard/%ZZ', 400],
    ['GET', '/dashboard/41/orders', 404],
  ])('%s %s depends on Accept, and says so', async (method, path, status) => {
    const response = await service.request(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.vary).toBe('Accept');
  });

  it.each(['*/*', 'text/html', 'application/xml;q=0.9', 'text/event-stream;q=0', '', 'garbage'])(
    'Accept: %s gets JSON, and never a 406',
    async (accept) => {
      const { status, headers } = await service.request('/dashboard/41', { headers: { accept } });
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
    },
  );

  it('a problem names the path that was asked, not the host or the query', async () => {
    const response = await service.request('http://elsewhere.example/nothing?x=secret');
    expect(response.status).toBe(404);
    expect(problemOf(response).instance).toBe('/nothing');
  });

  it('HEAD has the headers of GET and no body', async () => {
    const { status, headers, text } = await service.request('/dashboard/41', { method: 'HEAD' });
    expect(status).toBe(200);
    expect(Number(headers['content-length'])).toBeGreaterThan(500);
    expect(headers['x-aggregation-complete']).toBe('true');
    expect(text).toBe('');
  });

  it('OPTIONS says what is allowed and asks no source', async () => {
    const { status, headers } = await service.request('/dashboard/41', { method: 'OPTIONS' });
    expect(status).toBe(204);
    expect(headers.allow).toBe('GET, HEAD, OPTIONS');
    expect(service.asked).toBe(0);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE', 'PROPFIND', 'TRACE'])(
    '%s is 405',
    async (method) => {
      for (const path of ['/dashboard/41', '/health/live', '/openapi.json', '/docs']) {
        const response = await service.request(path, { method });
        expect(response.status).toBe(405);
        expect(response.headers.allow).toBe('GET, HEAD, OPTIONS');
        expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      }
      expect(service.asked).toBe(0);
    },
  );

  it.each(['/', '/dashboard', '/dashboard/', '/dashboard/41/orders', '/nothing', '//'])(
    '%s is 404',
    async (path) => {
      const response = await service.request(path);
      expect(response.status).toBe(404);
      expect(ProblemSchema.parse(problemOf(response))).toEqual({
        type: '/problems/not-found',
        title: 'Not Found',
        status: 404,
        detail: 'Not Found',
        instance: path,
        requestId: response.headers['x-request-id'],
      });
    },
  );
});
