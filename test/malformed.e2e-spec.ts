import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exchange } from './support/raw-client.ts';
import { expectAnswered, expectRefused, get, HOST } from './support/raw-http.ts';
import { QUIET, TestService } from './support/service.ts';

/** What is not one well-formed request is refused before anything is done; what is one is answered as HTTP says. */

let service: TestService;
beforeAll(async () => {
  service = await TestService.start(QUIET);
});
afterAll(() => service.stop());
beforeEach(() => service.script());

describe('refused with a problem, the connection closed, no source asked', () => {
  const chunked = 'Transfer-Encoding: chunked\r\n';
  it.each<[string, string, number]>([
    ['two Host headers', get('Host: y\r\n'), 400],
    ['the same Host twice', get(HOST), 400],
    ['two empty Host headers', 'GET /dashboard/41 HTTP/1.1\r\nHost:\r\nHost:\r\n\r\n', 400],
    ['HTTP/1.1 without a Host', 'GET /dashboard/41 HTTP/1.1\r\n\r\n', 400],
    ['a Host with a user in it', 'GET /dashboard/41 HTTP/1.1\r\nHost: me@x\r\n\r\n', 400],
    ['a Host with a path in it', 'GET /dashboard/41 HTTP/1.1\r\nHost: x/y\r\n\r\n', 400],
    ['HTTP/0.9', 'GET /dashboard/41\r\n\r\n', 400],
    ['HTTP/2 in the request line', get('', '/dashboard/41', '2.0'), 400],
    ['HTTP/1.2', get('', '/dashboard/41', '1.2'), 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['the hello of TLS', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03', 400],
    ['length and chunks', get(`Content-Length: 5\r\n${chunked}`) + '0\r\n\r\n', 400],
    ['chunks and length', get(`${chunked}Content-Length: 5\r\n`) + '0\r\n\r\n', 400],
    ['two lengths', get('Content-Length: 1\r\nContent-Length: 2\r\n') + 'ab', 400],
    ['the same length twice', get('Content-Length: 1\r\nContent-Length: 1\r\n') + 'a', 400],
    ['a list of lengths', get('Content-Length: 1, 1\r\n') + 'a', 400],
    ['a negative length', get('Content-Length: -1\r\n'), 400],
    ['a length with a sign', get('Content-Length: +1\r\n') + 'a', 400],
    ['a length beyond counting', get(`Content-Length: ${'9'.repeat(30)}\r\n`), 400],
    ['chunked, chunked', get('Transfer-Encoding: chunked, chunked\r\n') + '0\r\n\r\n', 400],
    ['chunked twice', get(chunked + chunked) + '0\r\n\r\n', 400],
    [
      'another coding before chunked',
      get('Transfer-Encoding: gzip, chunked\r\n') + '0\r\n\r\n',
      400,
    ],
    ['another coding alone', get('Transfer-Encoding: identity\r\n'), 400],
    ['nearly chunked', get('Transfer-Encoding: xchunked\r\n') + '0\r\n\r\n', 400],
    ['chunks in HTTP/1.0', get(chunked, '/dashboard/41', '1.0') + '0\r\n\r\n', 400],
    ['a space before the colon', get('Transfer-Encoding : chunked\r\n') + '0\r\n\r\n', 400],
    ['a chunk size that is none', get(chunked) + 'zz\r\n\r\n', 400],
    ['a chunk longer than it says', get(chunked) + '1\r\nab\r\n0\r\n\r\n', 400],
    ['huge chunk extensions', get(chunked) + `1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n`, 413],
    ['obs-fold', get('X-A: b\r\n c\r\n'), 400],
    ['a folded first header', 'GET /dashboard/41 HTTP/1.1\r\n X: y\r\nHost: x\r\n\r\n', 400],
    ['bare LF', 'GET /dashboard/41 HTTP/1.1\nHost: x\n\n', 400],
    ['one bare LF', 'GET /dashboard/41 HTTP/1.1\r\nHost: x\nX: y\r\n\r\n', 400],
    ['bare CR', 'GET /dashboard/41 HTTP/1.1\r\nHost: x\rX: y\r\n\r\n', 400],
    ['NUL in the target', get('', '/dashboard/4\x001'), 400],
    ['NUL in a header', get('X: a\x00b\r\n'), 400],
    ['a control character in a header', get('X: a\x01b\r\n'), 400],
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['bytes beyond ASCII in the target', get('', '/dashboard/\xc3\xa9'), 400],
    ['a space in the target', get('', '/dashboard/4 1'), 400],
    ['a fragment in the target', get('', '/dashboard/41#x'), 400],
    ['tabs in the request line', 'GET\t/dashboard/41\tHTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a target in authority form', get('', 'evil:80'), 400],
    ['a header without a colon', get('nonsense\r\n'), 400],
    ['a header without a name', get(': x\r\n'), 400],
    ['an unknown method', `FETCH /dashboard/41 HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a method in small letters', `get /dashboard/41 HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['an expectation nobody knows', get('Expect: magic\r\n'), 417],
    ['a URL of 20 kB', get('', `/dashboard/${'y'.repeat(20_000)}`), 414],
    ['a query of 100 kB', get('', `/dashboard/41?x=${'y'.repeat(100_000)}`), 414],
    ['a header of 20 kB', get(`X: ${'y'.repeat(20_000)}\r\n`), 431],
    ['headers of 64 kB', get(`X: ${'y'.repeat(1_000)}\r\n`.repeat(64)), 431],
    ['101 headers', get('X: y\r\n'.repeat(100)), 431],
    ['2,000 headers', get('X:y\r\n'.repeat(2_000)), 431],
    ['trailers of 20 kB', get(chunked) + `0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s', async (_what, bytes, status) => {
    await expectRefused(service, bytes, status);
  });

  it('what follows in the same packet is not looked at', async () => {
    // With a connection at hand a source would be asked at once.
    await expectAnswered(service, get(), 200);
    service.script();
    await expectRefused(service, get('Host: y\r\n') + get(), 400);
    await expectRefused(service, get('Expect: magic\r\n') + get(), 417);
    await expectRefused(service, get('X: y\r\n'.repeat(150)) + get(), 431);
    await expectRefused(
      service,
      get('Content-Length: 20000\r\n') + 'x'.repeat(20_000) + get(),
      413,
    );
    // A source that had been asked would hear of it a little later.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(service.asked).toBe(0);
  });

  it('who is still sending hears of it all the same', async () => {
    const bytes = `garbage\r\n\r\n${'x'.repeat(6_000_000)}`;
    const { answers, isReset } = await exchange(service.port, bytes);
    expect([answers.map(({ status }) => status), isReset]).toEqual([[400], false]);
  });

  it('a tunnel', async () => {
    const { headers } = await expectRefused(
      service,
      `CONNECT evil:443 HTTP/1.1\r\n${HOST}\r\n`,
      405,
    );
    expect(headers.allow).toBe('GET, HEAD, OPTIONS');
  });
});

describe('answered as HTTP says', () => {
  it('HTTP/1.0 needs no Host, and closes', async () => {
    const { isClosed } = await expectAnswered(service, 'GET /dashboard/41 HTTP/1.0\r\n\r\n', 200);
    expect(isClosed).toBe(true);
  });

  it.each([
    ['an empty Host', 'GET /dashboard/41 HTTP/1.1\r\nHost:\r\n\r\n'],
    ['a Host with a port', 'GET /dashboard/41 HTTP/1.1\r\nHost: [::1]:3000\r\n\r\n'],
    ['a target in absolute form', get('', 'http://evil/dashboard/41')],
    ['empty lines before it', `\r\n\r\n${get()}`],
    ['100 headers', get('X: y\r\n'.repeat(99))],
    ['a head of 16 kB', get(`X: ${'y'.repeat(16_000)}\r\n`)],
    ['an upgrade to a web socket', get('Connection: Upgrade\r\nUpgrade: websocket\r\n')],
    [
      'an upgrade to h2c',
      get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'),
    ],
  ])('%s', async (_what, bytes) => {
    await expectAnswered(service, bytes, 200);
    expect(service.asked).toBe(3);
  });

  it('who waits for 100 Continue gets it', async () => {
    const { answers } = await exchange(service.port, [
      get('Expect: 100-continue\r\nContent-Length: 2\r\n'),
      'ab',
    ]);
    expect(answers.map(({ status }) => status)).toEqual([100, 200]);
  });

  it('OPTIONS * is about the whole server', async () => {
    for (const body of ['\r\n', 'Content-Length: 2\r\n\r\nab']) {
      const { answers } = await expectAnswered(
        service,
        `OPTIONS * HTTP/1.1\r\n${HOST}${body}`,
        204,
      );
      expect(answers[0]?.headers.allow).toBe('GET, HEAD, OPTIONS');
    }
  });

  it('TRACE tells nobody what he sent', async () => {
    const bytes = `TRACE /dashboard/41 HTTP/1.1\r\n${HOST}Cookie: secret\r\n\r\n`;
    const { answers } = await expectAnswered(service, bytes, 405);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });

  it('a pipeline is answered in its order, and garbage behind it after it', async () => {
    service.script({ user: { latencyMs: 50 } });
    await expectAnswered(
      service,
      get() + get('', '/nope') + get('', '/health/live'),
      200,
      404,
      200,
    );
    const { answers, isClosed } = await expectAnswered(
      service,
      `${get()}garbage\r\n\r\n`,
      200,
      400,
    );
    expect(answers[1]?.headers.connection).toBe('close');
    expect(isClosed).toBe(true);
    await expectAnswered(service, `${get('Content-Length: 2\r\n')}ab;garbage\r\n\r\n`, 200, 400);
  });

  it('connections are kept for longer than a balancer keeps them, and say so', async () => {
    const { answers, isClosed } = await expectAnswered(service, get(), 200);
    expect(answers[0]?.headers['keep-alive']).toBe('timeout=72');
    expect(isClosed).toBe(false);
  });

  it.each(['/dashboard/41', '/dashboard/%20', '/nope', '/health/live', '/docs', '/openapi.json'])(
    'nothing says what answers: %s',
    async (target) => {
      const { answers } = await exchange(service.port, get('', target));
      expect(Object.keys(answers[0]?.headers ?? {})).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(server|x-powered-by|via)$/)]),
      );
    },
  );
});
