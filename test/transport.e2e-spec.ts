import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { CallErrorCode } from '../src/errors/errors.ts';
import { Wire } from '../src/transport/wire.ts';
import { until } from './support/service.ts';
import { codeOf, OK, send, setUp, TRANSPORTS, wireOf } from './support/transport.ts';

/** The contract of the transport port, held by both adapters against raw bytes: what is made of an answer. */

describe.each(TRANSPORTS)('%s', (_name, create) => {
  const { source, transport } = setUp(create);

  it('sends a GET with the path and headers as they are, and gives the body back', async () => {
    const raw = await source((socket) => socket.end(OK));
    const body = await firstValueFrom(
      send(transport(), raw.origin, new Wire(), ['x-a', '1', 'x-b', 'zwei']),
    );
    expect(body.toString()).toBe('{}');
    const [line, ...headers] = raw.heads[0]?.split('\r\n') ?? [];
    expect(line).toBe('GET /users/a%40b?x=1 HTTP/1.1');
    expect(headers.map((header) => header.toLowerCase())).toEqual(
      expect.arrayContaining([`host: ${new URL(raw.origin).host}`, 'x-a: 1', 'x-b: zwei']),
    );
  });

  it('does nothing before it is subscribed to', async () => {
    const raw = await source((socket) => socket.end(OK));
    send(transport(), raw.origin);
    await firstValueFrom(send(transport(), raw.origin));
    expect(raw.heads).toHaveLength(1);
  });

  it.each<[string, string | ((socket: Socket) => void), CallErrorCode]>([
    ['a 500', 'HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}', 'server_error'],
    [
      'a 500 whose body never comes',
      'HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\n',
      'server_error',
    ],
    [
      'a 503 without end',
      'HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nxx\r\n',
      'gateway_error',
    ],
    [
      'a 302',
      'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
      'redirect',
    ],
    ['a 304', 'HTTP/1.1 304 Not Modified\r\n\r\n', 'redirect'],
    ['a 404', 'HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n', 'not_found'],
    ['a 429', 'HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n', 'rate_limited'],
    [
      'gzip',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc',
      'invalid_body',
    ],
    ['a length too large', 'HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n', 'oversized_body'],
    [
      'too many chunks',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n`,
      'oversized_body',
    ],
    ['a reset before any byte', (socket) => socket.resetAndDestroy(), 'unreachable'],
    ['a close before any byte', (socket) => void socket.end(), 'unreachable'],
    [
      'a close in the head',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
      'truncated_body',
    ],
    [
      'a close in the body',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}'),
      'truncated_body',
    ],
    [
      'a close in the chunks',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab'),
      'truncated_body',
    ],
    [
      'a switch of protocols that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'truncated_body',
    ],
    ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n', 'invalid_body'],
    ['a head too large', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'invalid_body'],
  ])('%s', async (_what, answer, code) => {
    const raw = await source((socket) =>
      typeof answer === 'string' ? socket.write(answer) : answer(socket),
    );
    const { wire, isFree } = wireOf();
    expect(await codeOf(transport(), raw.origin, wire)).toBe(code);
    await until(isFree, 'the wire is freed');
    // No redirect, no second try.
    expect(raw.heads).toHaveLength(1);
  });

  it('a body of exactly the limit is read, with a length or in chunks or until the close', async () => {
    const body = `"${'x'.repeat(998)}"`;
    const answers = [
      `HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${body}`,
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n${body}\r\n0\r\n\r\n`,
      `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body}`,
    ];
    for (const answer of answers) {
      const raw = await source((socket) => void socket.end(answer));
      expect((await firstValueFrom(send(transport(), raw.origin))).toString()).toBe(body);
    }
  });

  it('passes what Retry-After says on, in ms', async () => {
    const raw = await source((socket) =>
      socket.write('HTTP/1.1 503 No\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n'),
    );
    await expect(firstValueFrom(send(transport(), raw.origin))).rejects.toMatchObject({
      retryAfterMs: 3000,
    });
  });

  it('interim answers are not the answer', async () => {
    const raw = await source((socket) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${OK}`),
    );
    expect((await firstValueFrom(send(transport(), raw.origin))).toString()).toBe('{}');
  });
});
