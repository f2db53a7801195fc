import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ProblemSchema } from '../src/http/problem.ts';
import { problemOf, TestService } from './support/service.ts';

/** What is wrong with a request is said in full, and no source hears of it. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());
afterEach(() => service.script());

async function expectRefused(
  path: string,
  fields: readonly string[],
  headers: Record<string, string> = {},
): Promise<void> {
  const response = await service.request(path, { headers });
  expect(response.status).toBe(400);
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(response.headers['cache-control']).toBe('private, no-store');
  const problem = ProblemSchema.parse(problemOf(response));
  expect(problem).toMatchObject({ type: '/problems/bad-request', status: 400 });
  expect(problem.errors?.map(({ field }) => field)).toEqual(fields);
  expect(service.asked).toBe(0);
}

describe('ids', () => {
  it.each([
    ['dots', '..'],
    ['encoded dots', '%2e%2e'],
    ['a leading dot', '.a'],
    ['a leading tilde', '~a'],
    ['an encoded slash', 'a%2Fb'],
    ['an encoded backslash', 'a%5Cb'],
    ['a space', 'a%20b'],
    ['CR LF', 'a%0d%0aX-Evil:%201'],
    ['a NUL', 'a%00'],
    ['an URL', 'http:%2F%2Fevil'],
    ['an emoji', '%F0%9F%98%80'],
    ['129 characters', 'x'.repeat(129)],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['a quote', "a'b"],
    ['a percent sign', '%25'],
    ['a query in the id', 'a%3Finclude=user'],
    ['a wildcard', '*'],
    ['a plus', 'a+b'],
  ])('%s', async (_what, id) => {
    await (id === '..'
      ? expectNotFound(`/dashboard/${id}/x`)
      : expectRefused(`/dashboard/${id}`, ['user_id']));
  });

  it.each(['/dashboard/%', '/dashboard/%zz', '/dashboard/%c3%28'])(
    'broken percent-encoding: %s',
    async (path) => {
      const response = await service.request(path);
      expect(response.status).toBe(400);
      expect(ProblemSchema.parse(problemOf(response)).status).toBe(400);
      expect(response.headers['x-request-id']).toBeDefined();
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expect(service.asked).toBe(0);
    },
  );

  async function expectNotFound(path: string): Promise<void> {
    expect((await service.request(path)).status).toBe(404);
    expect(service.asked).toBe(0);
  }
});

describe('queries', () => {
  it.each([
    ['include=', ['include']],
    ['include', ['include']],
    ['include=nobody', ['include']],
    ['include=user,', ['include']],
    ['include=user,,orders', ['include']],
    ['include=User', ['include']],
    ['include=%zz', ['include']],
    ['include=user&include=orders', ['include']],
    ['include[]=user&include[]=user', []],
    ['require=', ['require']],
    ['require=nobody', ['require']],
    ['require=user&require=user', ['require']],
    ['include=user&require=orders', ['require']],
    ['include=user&require=nobody', ['require']],
    ['include=nobody&require=user', ['include']],
    ['include=user&require=user,orders', ['require']],
    ['explain=', ['explain']],
    ['explain=yes', ['explain']],
    ['explain=true&explain=true', ['explain']],
    ['include=nobody&require=nobody&explain=maybe', ['include', 'require', 'explain']],
  ])('?%s', async (query, fields) => {
    if (fields.length > 0) await expectRefused(`/dashboard/41?${query}`, fields);
    // Other parameters are nobody's business.
    else expect((await service.request(`/dashboard/41?${query}`)).status).toBe(200);
  });

  it('a plan is not shown', async () => {
    const response = await service.request('/dashboard/41?explain=true');
    expect(response.status).toBe(403);
    expect(problemOf(response).type).toBe('/problems/explain-off');
    expect(service.asked).toBe(0);
  });

  it('prototype names are names like any other', async () => {
    await expectRefused('/dashboard/41?include=__proto__', ['include']);
    await expectRefused('/dashboard/41?include=constructor', ['include']);
    expect((await service.request('/dashboard/41?__proto__=x&constructor=y')).status).toBe(200);
    expect((await service.request('/dashboard/__proto__?include=orders')).status).toBe(200);
  });
});

describe('headers', () => {
  it.each(['', '0', '-5', '1.5', '1e3', 'soon', '0x10', '10ms', '000'])(
    'x-request-timeout-ms: %j',
    async (value) => {
      await expectRefused('/dashboard/41', ['x-request-timeout-ms'], {
        'x-request-timeout-ms': value,
      });
    },
  );

  it('x-request-timeout-ms given twice', async () => {
    const text = await raw(
      'GET /dashboard/41 HTTP/1.1\r\nHost: x\r\nX-Request-Timeout-Ms: 400\r\nX-Request-Timeout-Ms: 500\r\nConnection: close\r\n\r\n',
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(service.asked).toBe(0);
  });

  it('all that is wrong is said at once', async () => {
    await expectRefused(
      '/dashboard/%20?include=x',
      ['user_id', 'include', 'x-request-timeout-ms'],
      { 'x-request-timeout-ms': 'x' },
    );
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['garbage', 'hello\r\n\r\n', 400],
    ['a header too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a control character in a header',
      'GET /dashboard/41 HTTP/1.1\r\nHost: x\r\nX: a\x01b\r\n\r\n',
      400,
    ],
  ])('%s: answered, and the connection closed', async (_what, bytes, status) => {
    const text = await raw(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(/connection: close/i);
    expect(text).toMatch(/x-content-type-options: nosniff/i);
    expect(service.asked).toBe(0);
  });
});

/** Sends bytes and returns all that comes until the other side closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(service.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(5_000, () => socket.destroy(new Error('the connection was not closed')));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
