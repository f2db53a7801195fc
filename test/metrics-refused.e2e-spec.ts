import net from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_HEAD_BYTES, MAX_HEADERS } from '../src/http/listener/limits.ts';
import { exchange } from './support/raw-client.ts';
import { get, HOST } from './support/raw-http.ts';
import { expectMoves } from './support/scrape.ts';
import { QUIET, TestService } from './support/service.ts';

/** What the counters say of requests that never asked a source: refused, shed, or nobody's business. */

let service: TestService;

const REJECTED = { 'requests_total rejected': 1 };

describe('refused', () => {
  beforeAll(async () => {
    service = await TestService.start({ ...QUIET, AUTH_MODE: 'none' });
  });
  beforeEach(() => service.script());
  afterAll(() => service.stop());

  it.each([
    ['a bad id', 400, '/dashboard/-%20-', 'GET'],
    ['a bad parameter', 400, '/dashboard/41?include=nothing', 'GET'],
    ['no explanations', 403, '/dashboard/41?explain=true', 'GET'],
    ['an unknown path', 404, '/nothing', 'GET'],
    ['an unknown path below the probes', 404, '/health/nothing', 'GET'],
    ['an unknown document', 404, '/docs/nothing', 'GET'],
    ['a wrong method', 405, '/dashboard/41', 'POST'],
    ['a wrong method for a probe', 405, '/health/live', 'DELETE'],
    ['a URL that the router cannot read', 400, '/dashboard/%zz', 'GET'],
    ['another one', 400, '/%c3', 'HEAD'],
    ['a wrong method for an unknown path', 404, '/nothing', 'PROPFIND'],
  ])('%s is one rejected request: %i', (_, status, path, method) =>
    expectMoves(
      service,
      async () => expect((await service.request(path, { method })).status).toBe(status),
      REJECTED,
    ),
  );

  it.each<[string, number, string]>([
    ['two hosts', 400, get(HOST)],
    ['nonsense', 400, 'nonsense\r\n\r\n'],
    ['the hello of TLS', 400, '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'],
    ['a tunnel', 405, `CONNECT x:443 HTTP/1.1\r\n${HOST}\r\n`],
    ['a body too large', 413, get('Content-Length: 99999\r\n')],
    ['a target too long', 414, get('', `/${'x'.repeat(MAX_HEAD_BYTES)}`)],
    ['an expectation', 417, get('Expect: miracles\r\n')],
    ['too many headers', 431, get('A: b\r\n'.repeat(MAX_HEADERS))],
    ['a head too large', 431, get(`A: ${'b'.repeat(MAX_HEAD_BYTES)}\r\n`)],
    ['a chunk size that is none', 400, get('Transfer-Encoding: chunked\r\n') + 'zz\r\n\r\n'],
    ['two bad ones in one packet', 400, get(HOST) + get(HOST)],
  ])('by the listener, %s is one rejected request: %i', (_, status, bytes) =>
    expectMoves(
      service,
      async () => {
        const { answers } = await exchange(service.port, bytes, { withinMs: 15_000 });
        expect(answers.map((answer) => answer.status)).toEqual([status]);
      },
      REJECTED,
    ),
  );

  it('who is too slow with a request is one; who never says a word is none', () =>
    expectMoves(
      service,
      async () => {
        const patience = { quietMs: 60_000, withinMs: 12_000 };
        const silent = net.connect(service.port, '127.0.0.1').resume();
        const [{ answers }] = await Promise.all([
          exchange(service.port, 'GET /dash', patience),
          once(silent, 'close'),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([408]);
      },
      REJECTED,
    ));

  it('a good one and a bad one behind it on one connection are two', () =>
    expectMoves(
      service,
      async () =>
        void (await exchange(service.port, get('', '/dashboard/41?include=user') + get(HOST))),
      {
        'requests_total success': 1,
        'requests_total rejected': 1,
        'sections_total user fresh': 1,
        'attempts_total user first ok': 1,
      },
      1,
    ));
});

describe('probes, documents and questions about the server', () => {
  beforeAll(async () => {
    service = await TestService.start(QUIET);
  });
  afterAll(() => service.stop());

  it.each([
    ['GET', '/health/live', 200],
    ['HEAD', '/health/ready', 200],
    ['GET', '/docs', 200],
    ['GET', '/openapi.json', 200],
    ['OPTIONS', '/dashboard/41', 204],
    ['OPTIONS', '*', 204],
  ])('count nowhere: %s %s', (method, path, status) =>
    expectMoves(
      service,
      async () => expect((await service.request(path, { method })).status).toBe(status),
      {},
    ),
  );

  it('neither does readiness when it says no', () =>
    expectMoves(
      service,
      async () => {
        service.app.lifecycle.drain();
        expect((await service.request('/health/ready')).status).toBe(503);
      },
      {},
    ));

  it('nor what the private listener serves or refuses', () =>
    expectMoves(
      service,
      async () => {
        for (const path of ['/sources', '/nothing']) await fetch(service.managementUrl + path);
        const { port } = new URL(service.managementUrl);
        await exchange(Number(port), get(HOST));
      },
      {},
    ));
});

describe('shed', () => {
  afterEach(() => service.stop());

  it('for what is in flight', async () => {
    service = await TestService.start({ ...QUIET, MAX_IN_FLIGHT: '0' });
    await expectMoves(
      service,
      async () => expect((await service.request('/dashboard/41')).status).toBe(503),
      { 'requests_total shed': 1, 'shed_total in_flight': 1 },
    );
  });

  it('for a late event loop', async () => {
    service = await TestService.start({ ...QUIET, MAX_EVENT_LOOP_DELAY_MS: '100' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expectMoves(
      service,
      async () => {
        const endsAt = performance.now() + 600;
        while (performance.now() < endsAt);
        expect((await service.request('/dashboard/41')).status).toBe(503);
      },
      { 'requests_total shed': 1, 'shed_total event_loop': 1 },
    );
  });
});
