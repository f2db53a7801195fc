import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestIssuer } from './support/issuer.ts';
import { QUIET, TestService } from './support/service.ts';

/** What is open to everybody, with tokens and without. */

let issuer: TestIssuer;
let service: TestService;
beforeAll(async () => {
  issuer = new TestIssuer();
  await issuer.listen();
  service = await TestService.start({ ...QUIET, ...issuer.env });
});
afterAll(async () => {
  await service.stop();
  await issuer.close();
});

describe('what needs no token', () => {
  it.each([
    ['GET', '/health/live', 200],
    ['GET', '/health/ready', 200],
    ['GET', '/docs', 200],
    ['GET', '/openapi.json', 200],
    ['GET', '/nowhere', 404],
    ['OPTIONS', '/dashboard/42', 204],
    ['POST', '/dashboard/42', 405],
  ])('%s %s', async (method, path, status) => {
    expect((await service.request(path, { method })).status).toBe(status);
  });
});

describe('with AUTH_MODE=none', () => {
  it('says once at the start that anybody may read any dashboard', async () => {
    const said: string[] = [];
    const open = await TestService.start(
      { ...QUIET, LOG_LEVEL: 'warn' },
      { write: (line) => said.push(line) },
    );
    const response = await open.request('/dashboard/42');
    await open.request('/dashboard/42');
    await open.stop();
    expect(response.status).toBe(200);
    expect(said.filter((line) => line.includes('AUTH_MODE=none'))).toHaveLength(1);
  });
});
