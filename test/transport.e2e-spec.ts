import type { Socket } from 'node:net';
import { HttpService } from '@nestjs/axios';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, type Subscription } from 'rxjs';
import { systemClock } from '../src/context/clock.ts';
import type { CallErrorCode } from '../src/errors/errors.ts';
import { AxiosTransport } from '../src/transport/axios.transport.ts';
import type { Transport, TransportLimits } from '../src/transport/transport.ts';
import { UndiciTransport } from '../src/transport/undici.transport.ts';
import { Wire } from '../src/transport/wire.ts';
import { RawSource } from './support/raw-source.ts';
import { until } from './support/service.ts';

/** The contract of the transport port, held by both adapters against raw bytes on real sockets. */

const LIMITS: TransportLimits = { connectTimeoutMs: 200, maxResponseBytes: 1000 };
const TRANSPORTS: Record<string, (limits: TransportLimits) => Transport> = {
  undici: (limits) => new UndiciTransport(limits, systemClock),
  axios: (limits) => new AxiosTransport(limits, systemClock, new HttpService()),
};

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

describe.each(Object.entries(TRANSPORTS))('%s', (_name, create) => {
  const started: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  });

  async function source(serve: ConstructorParameters<typeof RawSource>[0]): Promise<RawSource> {
    const raw = await new RawSource(serve).start();
    started.push(() => raw.stop());
    return raw;
  }

  function transport(limits: Partial<TransportLimits> = {}): Transport {
    const made = create({ ...LIMITS, ...limits });
    started.push(() => made.close());
    return made;
  }

  const wireOf = (): { wire: Wire; isFree: () => boolean } => {
    const wire = new Wire();
    return {
      wire,
      isFree: () => {
        let isFree = false;
        wire.whenFree(() => (isFree = true));
        return isFree;
      },
    };
  };

  const send = (by: Transport, origin: string, wire = new Wire(), headers: string[] = []) =>
    by.send({ origin, path: '/users/a%40b?x=1', headers, wire });

  const codeOf = (by: Transport, origin: string, wire?: Wire): Promise<CallErrorCode | 'a value'> =>
    firstValueFrom(send(by, origin, wire)).then(
      () => 'a value' as const,
      (error: { code: CallErrorCode }) => error.code,
    );

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
      'server_error',
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

  it('nobody listening is unreachable', async () => {
    const { wire, isFree } = wireOf();
    expect(await codeOf(transport(), 'http://127.0.0.1:1', wire)).toBe('unreachable');
    await until(isFree, 'the wire is freed');
  });

  it('a name that does not exist is unreachable', async () => {
    expect(
      await codeOf(transport({ connectTimeoutMs: 4000 }), 'http://does-not-exist.invalid:80'),
    ).toBe('unreachable');
  });

  it('a connection that is never ready is given up: TLS that does not begin', async () => {
    const raw = await source(() => undefined);
    const startedAt = performance.now();
    const { wire, isFree } = wireOf();
    expect(await codeOf(transport(), raw.origin.replace('http:', 'https:'), wire)).toBe(
      'connect_timeout',
    );
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(190);
    await until(isFree, 'the wire is freed');
  });

  it('connections are kept and used again, also after an error status', async () => {
    const raw = await source((socket, _head, nth) =>
      socket.write(nth % 2 === 0 ? OK : 'HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}'),
    );
    const by = transport();
    for (let i = 0; i < 6; i += 1) {
      const { wire, isFree } = wireOf();
      await codeOf(by, raw.origin, wire);
      await until(isFree, 'the wire is freed');
    }
    expect(raw.heads).toHaveLength(6);
    expect(raw.sockets).toHaveLength(1);
  });

  describe('unsubscribing', () => {
    it('closes the socket, and only then frees the wire', async () => {
      const raw = await source(() => undefined);
      const { wire, isFree } = wireOf();
      const events: string[] = [];
      const subscription = send(transport(), raw.origin, wire).subscribe({
        error: () => events.push('error'),
      });
      await until(() => raw.heads.length === 1, 'the request arrives');
      raw.sockets[0]?.once('close', () => events.push('closed at the source'));
      wire.whenFree(() => events.push('freed'));
      expect(isFree()).toBe(false);

      subscription.unsubscribe();

      expect(isFree()).toBe(false);
      await until(isFree, 'the wire is freed');
      expect(events).toEqual(['closed at the source', 'freed']);
      expect(raw.open).toBe(0);
    });

    it('in the middle of a body closes the socket', async () => {
      const raw = await source((socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
      );
      const { wire, isFree } = wireOf();
      const subscription = send(transport(), raw.origin, wire).subscribe();
      await until(() => raw.heads.length === 1, 'the request arrives');
      subscription.unsubscribe();
      await until(isFree, 'the wire is freed');
      expect(raw.open).toBe(0);
    });

    it('while connecting frees the wire and sends nothing', async () => {
      const raw = await source((socket) => socket.write(OK));
      const { wire, isFree } = wireOf();
      send(transport(), raw.origin, wire).subscribe().unsubscribe();
      await until(isFree, 'the wire is freed');
      expect(raw.heads).toHaveLength(0);
    });

    it('hundreds of times leaves nothing behind', async () => {
      const raw = await source(() => undefined);
      const by = transport();
      const wires = Array.from({ length: 300 }, wireOf);
      const subscriptions: Subscription[] = wires.map(({ wire }) =>
        send(by, raw.origin, wire).subscribe(),
      );
      await until(() => raw.heads.length > 100, 'many requests arrive');
      for (const subscription of subscriptions) subscription.unsubscribe();
      await until(() => wires.every(({ isFree }) => isFree()), 'all wires are freed');
      await until(() => raw.open === 0, 'all sockets are closed');
    });
  });

  it('closing ends every connection', async () => {
    const raw = await source((socket) => socket.write(OK));
    const by = create(LIMITS);
    await firstValueFrom(send(by, raw.origin));
    expect(raw.open).toBe(1);
    await by.close();
    await until(() => raw.open === 0, 'the connection is closed');
  });
});
