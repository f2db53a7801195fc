import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { CallErrorCode } from '../src/errors/errors.ts';
import type { Transport } from '../src/transport/transport.ts';
import { Wire } from '../src/transport/wire.ts';
import { has, onlyIf } from './support/programs.ts';
import { until } from './support/service.ts';
import { certificateFor, TlsSource, trust } from './support/tls-source.ts';
import { codeOf, OK, send, setUp, TRANSPORTS, wireOf, sent } from './support/transport.ts';

/** The contract of the transport port, held by both adapters: instances that come and go, and their names. */

const itWithOpenssl = onlyIf(has('openssl', 'version'), 'openssl is not installed');

/** What sending to an instance that was found under a name ends with. */
const codeUnder = (
  by: Transport,
  origin: string,
  hostname: string,
): Promise<CallErrorCode | 'a value'> =>
  firstValueFrom(
    sent(by, {
      origin,
      hostname,
      path: '/',
      headers: ['x-a', '1'],
      wire: new Wire(),
      onNewConnection: false,
    }),
  ).then(
    () => 'a value' as const,
    (error: { code: CallErrorCode }) => error.code,
  );

/** Both adapters keep what they know of instances in fields of these names: nobody else needs to see them. */
const remembered = (by: Transport): number =>
  ['pools', 'all', 'retired'].reduce((sum, field) => {
    const kept = (by as unknown as Record<string, { readonly size: number } | undefined>)[field];
    return sum + (kept?.size ?? 0);
  }, 0);

describe.each(TRANSPORTS)('%s', (_name, create) => {
  const { source, transport } = setUp(create);

  describe('an instance that is retired', () => {
    it('loses its idle connections at once', async () => {
      const raw = await source((socket) => socket.write(OK));
      const other = await source((socket) => socket.write(OK));
      const by = transport();
      await Promise.all([codeOf(by, raw.origin), codeOf(by, raw.origin)]);
      await codeOf(by, other.origin);
      expect([raw.open, other.open]).toEqual([2, 1]);
      by.retire(raw.origin);
      await until(() => raw.open === 0, 'its connections are closed');
      expect(other.open).toBe(1);
    });

    it('finishes what it has, and its connection is not kept', async () => {
      let answer = (): void => undefined;
      const raw = await source((socket) => {
        answer = () => void socket.write(OK);
      });
      const by = transport();
      const { wire, isFree } = wireOf();
      const body = firstValueFrom(send(by, raw.origin, wire));
      await until(() => raw.heads.length === 1, 'the request arrives');
      by.retire(raw.origin);
      expect(raw.open).toBe(1);
      answer();
      expect((await body).toString()).toBe('{}');
      // Well before it would be closed for being idle.
      await until(() => isFree() && raw.open === 0, 'the connection is closed', 2_000);
    });

    it('lets go of an attempt that is given up or fails, as ever', async () => {
      const raw = await source((socket, _head, nth) => {
        if (nth === 2) socket.write('HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\n');
      });
      const by = transport();
      const [cancelled, failed] = [wireOf(), wireOf()];
      const subscription = send(by, raw.origin, cancelled.wire).subscribe();
      await until(() => raw.heads.length === 1, 'the first request arrives');
      const code = codeOf(by, raw.origin, failed.wire);
      by.retire(raw.origin);
      subscription.unsubscribe();
      expect(await code).toBe('server_error');
      await until(() => cancelled.isFree() && failed.isFree(), 'the wires are freed');
      await until(() => raw.open === 0, 'the connections are closed');
    });

    it('may come back, over new connections that are kept', async () => {
      const raw = await source((socket) => socket.write(OK));
      const by = transport();
      await codeOf(by, raw.origin);
      by.retire(raw.origin);
      expect(await codeOf(by, raw.origin)).toBe('a value');
      expect(await codeOf(by, raw.origin)).toBe('a value');
      expect(raw.sockets).toHaveLength(2);
      await until(() => raw.open === 1, 'the old connection is closed');
    });

    it('may come back while it still finishes: the old connection is not taken again', async () => {
      let answer = (): void => undefined;
      const raw = await source((socket, _head, nth) => {
        if (nth > 1) socket.write(OK);
        else answer = () => void socket.write(OK);
      });
      const by = transport();
      const first = codeOf(by, raw.origin);
      await until(() => raw.heads.length === 1, 'the request arrives');
      by.retire(raw.origin);
      expect(await codeOf(by, raw.origin)).toBe('a value');
      answer();
      expect(await first).toBe('a value');
      await until(() => raw.open === 1, 'the old connection is closed');
      expect(await codeOf(by, raw.origin)).toBe('a value');
      expect(raw.sockets).toHaveLength(2);
    });

    it('is still closed with everything else', async () => {
      const raw = await source(() => undefined);
      const by = transport();
      const code = codeOf(by, raw.origin);
      await until(() => raw.heads.length === 1, 'the request arrives');
      by.retire(raw.origin);
      await by.close();
      expect(await code).toBe('unreachable');
      await until(() => raw.open === 0, 'the connection is closed');
    });

    it('is no matter when nobody has heard of it', () => {
      expect(() => transport().retire('http://nobody:1')).not.toThrow();
    });
  });

  it('a hundred instances that came and went leave nothing behind', async () => {
    const by = transport();
    const raw = await source((socket) => socket.write(OK));
    const { port } = new URL(raw.origin);
    for (let last = 1; last <= 100; last += 1) {
      await codeUnder(by, raw.origin, `name-${last}`);
      // Nobody listens there.
      const other = `http://127.0.1.${last}:${port}`;
      await codeOf(by, other);
      by.retire(raw.origin);
      by.retire(other);
    }
    await until(() => raw.open === 0, 'every connection is closed');
    expect(remembered(by)).toBeLessThanOrEqual(1);
  });

  describe('an instance that was found under a name', () => {
    it('is told the name and the port', async () => {
      const raw = await source((socket) => socket.write(OK));
      const by = transport();
      expect(await codeUnder(by, raw.origin, 'orders.test')).toBe('a value');
      const { port } = new URL(raw.origin);
      const hosts = raw.heads[0]?.match(/^host: .*$/gim);
      expect(hosts?.map((line) => line.toLowerCase())).toEqual([`host: orders.test:${port}`]);
      expect(raw.heads[0]).toMatch(/^x-a: 1$/im);
    });

    it('has connections of its own for each name', async () => {
      const raw = await source((socket) => socket.write(OK));
      const by = transport();
      await codeUnder(by, raw.origin, 'a.test');
      await codeUnder(by, raw.origin, 'a.test');
      expect(raw.sockets).toHaveLength(1);
      await codeUnder(by, raw.origin, 'b.test');
      await codeOf(by, raw.origin);
      expect(raw.sockets).toHaveLength(3);
      await until(() => raw.open === 1, 'what is kept is of the last one only');
    });
  });

  describe('over TLS', () => {
    let tls: TlsSource;
    let distrust = (): void => undefined;
    let certificate: ReturnType<typeof certificateFor> | undefined;
    beforeAll(() => {
      if (!has('openssl', 'version')) return;
      certificate = certificateFor('orders.test');
      distrust = trust(certificate.cert);
    });
    afterAll(() => distrust());
    beforeEach(async () => {
      tls = await new TlsSource(certificate ?? { key: '', cert: '' }).start();
    });
    afterEach(() => tls.stop());

    itWithOpenssl('the name is said, and the certificate must have it', async () => {
      const by = transport({ connectTimeoutMs: 4_000 });
      const origin = `https://127.0.0.1:${tls.port}`;
      expect(await codeUnder(by, origin, 'orders.test')).toBe('a value');
      expect(await codeUnder(by, origin, 'orders.test')).toBe('a value');
      expect(tls.names).toEqual(['orders.test']);
      expect(tls.hosts).toEqual([`orders.test:${tls.port}`, `orders.test:${tls.port}`]);
    });

    itWithOpenssl('the certificate of another name is refused, and nothing is sent', async () => {
      const by = transport({ connectTimeoutMs: 4_000 });
      const origin = `https://127.0.0.1:${tls.port}`;
      expect(await codeUnder(by, origin, 'users.test')).toBe('unreachable');
      // Also where a session with that server is known already.
      expect(await codeUnder(by, origin, 'orders.test')).toBe('a value');
      expect(await codeUnder(by, origin, 'users.test')).toBe('unreachable');
      expect(tls.names).toEqual(['users.test', 'orders.test', 'users.test']);
      expect(tls.hosts).toHaveLength(1);
    });

    itWithOpenssl('without a name it must have the address', async () => {
      const by = transport({ connectTimeoutMs: 4_000 });
      expect(await codeOf(by, `https://127.0.0.1:${tls.port}`)).toBe('unreachable');
      expect(tls.names).toEqual([]);
      expect(tls.hosts).toEqual([]);
    });
  });
});
