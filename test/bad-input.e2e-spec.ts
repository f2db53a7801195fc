import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ProblemSchema } from '../src/http/problem/problem.ts';
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

  it.each(['/dashboard/%', '/dashboard/%zz', '/dashboard/%c3%28', '/dashboard/%E0%A4%A'])(
    'broken percent-encoding: %s',
    async (path) => {
      await expectRefused(path, ['user_id']);
      await expectRefused(`${path}?include=x&require=user&require=orders`, [
        'user_id',
        'include',
        'require',
      ]);
      await expectRefused(`${path}?include=user`, ['user_id', 'x-request-timeout-ms'], {
        'x-request-timeout-ms': '0',
      });
      await expectRefused(`/nope${path}`, ['path']);
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
    for (const query of [
      '__proto__=x&constructor=y',
      '__proto__[x]=1&__proto__.x=1',
      'constructor[prototype][x]=1&constructor=&constructor=',
    ])
      expect((await service.request(`/dashboard/41?${query}`)).status).toBe(200);
    expect(({} as { x?: unknown }).x).toBeUndefined();
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
    const twice = ['400', '500'] as unknown as string;
    await expectRefused('/dashboard/41', ['x-request-timeout-ms'], {
      'x-request-timeout-ms': twice,
    });
  });

  it('all that is wrong is said at once', async () => {
    await expectRefused(
      '/dashboard/%20?include=x',
      ['user_id', 'include', 'x-request-timeout-ms'],
      { 'x-request-timeout-ms': 'x' },
    );
  });
});
