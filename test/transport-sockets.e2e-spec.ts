import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, type Subscription } from 'rxjs';
import { Wire } from '../src/transport/wire.ts';
import { until } from './support/service.ts';
import { codeOf, OK, send, setUp, TRANSPORTS, wireOf } from './support/transport.ts';

/** The contract of the transport port, held by both adapters on real sockets: connections, aborts, the wire. */

const LETTERS = [...'abcdefgh'];

/** To each an answer of its own letter: the heads, then piece after piece of the bodies. */
async function sendInTurns(sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 600\r\n\r\n');
  for (let piece = 0; piece < 6; piece += 1) {
    for (const [at, socket] of sockets.entries()) socket.write(String(LETTERS[at]).repeat(100));
    await nextTurn();
  }
}

describe.each(TRANSPORTS)('%s', (_name, create) => {
  const { source, transport } = setUp(create);

  it('nobody listening is unreachable', async () => {
    const { wire, isFree } = wireOf();
    expect(await codeOf(transport(), 'http://127.0.0.1:1', wire)).toBe('unreachable');
    await until(isFree, 'the wire is freed');
  });

  it('nobody listening is unreachable also for who had to wait for the one before', async () => {
    const origin = 'http://127.0.0.1:1';
    const by = transport();
    const { wire } = wireOf();
    const first = codeOf(by, origin, wire);
    const second = new Promise((resolve) => wire.whenFree(() => resolve(codeOf(by, origin))));
    expect([await first, await second]).toEqual(['unreachable', 'unreachable']);
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

  it('answers that come in turns, a piece of each, are not mixed up', async () => {
    const waiting: Socket[] = [];
    const raw = await source((socket) => {
      if (waiting.push(socket) === LETTERS.length) void sendInTurns(waiting);
    });
    const by = transport();
    const bodies = LETTERS.map(() => firstValueFrom(send(by, raw.origin)));
    const texts = (await Promise.all(bodies)).map((body) => body.toString());
    expect(texts.toSorted()).toEqual(LETTERS.map((letter) => letter.repeat(600)));
  });

  it('a kept connection that closes before any byte is stale; a new one is used where that is asked for', async () => {
    const raw = await source((socket, _head, nth) => {
      if (nth === 2) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const by = transport();
    expect(await codeOf(by, raw.origin)).toBe('a value');
    const { wire, isFree } = wireOf();
    expect(await codeOf(by, raw.origin, wire)).toBe('stale_socket');
    await until(isFree, 'the wire is freed');
    expect(await codeOf(by, raw.origin)).toBe('a value');
    expect(raw.sockets).toHaveLength(2);

    const afresh = await firstValueFrom(send(by, raw.origin, new Wire(), [], true));
    expect(afresh.toString()).toBe('{}');
    expect(raw.sockets).toHaveLength(3);
  });

  it('a stale connection that closes late leaves the wire to the next try that went out on it', async () => {
    const raw = await source((socket, _head, nth) => {
      if (nth === 1) socket.write(OK);
      else if (nth === 2) socket.resetAndDestroy();
    });
    const by = transport();
    await codeOf(by, raw.origin);
    const { wire, isFree } = wireOf();
    const again = new Promise<Subscription>((resolve) => {
      send(by, raw.origin, wire).subscribe({
        error: () => resolve(send(by, raw.origin, wire, [], true).subscribe()),
      });
    });
    const second = await again;
    await until(() => raw.heads.length === 3, 'the next try arrives');
    expect(isFree()).toBe(false);
    second.unsubscribe();
    await until(isFree, 'the wire is freed');
    expect(raw.open).toBe(0);
  });

  it('a kept connection that closes in the middle of an answer is not stale', async () => {
    const raw = await source((socket, _head, nth) => {
      if (nth === 2) socket.end('HTTP/1.1 200 OK\r\ncontent-');
      else socket.write(OK);
    });
    const by = transport();
    expect(await codeOf(by, raw.origin)).toBe('a value');
    expect(await codeOf(by, raw.origin)).toBe('truncated_body');
  });

  it('the rest of an error that never ends frees the wire after the source has seen the close', async () => {
    const events: string[] = [];
    const raw = await source((socket) => {
      socket.write('HTTP/1.1 500 No\r\ncontent-length: 1000\r\n\r\n');
      socket.once('close', () =>
        setImmediate(() => setImmediate(() => events.push('noticed at the source'))),
      );
    });
    const { wire, isFree } = wireOf();
    expect(await codeOf(transport(), raw.origin, wire)).toBe('server_error');
    wire.whenFree(() => events.push('freed'));
    await until(isFree, 'the wire is freed');
    expect(events).toEqual(['noticed at the source', 'freed']);
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

    it('of a request that waits for its connection to be opened anew sends nothing', async () => {
      const raw = await source(
        (socket) => void socket.end(OK.replace('\r\n', '\r\nconnection: close\r\n')),
      );
      const by = transport();
      const { wire, isFree } = wireOf();
      await new Promise<void>((resolve) => {
        send(by, raw.origin).subscribe(() => {
          // The connection just used is taken again before its socket has closed, and given up at once.
          send(by, raw.origin, wire).subscribe().unsubscribe();
          resolve();
        });
      });
      await until(isFree, 'the wire is freed');
      // A request of later on finds nothing of it in its way.
      expect((await firstValueFrom(send(by, raw.origin))).toString()).toBe('{}');
      expect(raw.heads).toHaveLength(2);
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
    const by = transport();
    await firstValueFrom(send(by, raw.origin));
    expect(raw.open).toBe(1);
    await by.close();
    await until(() => raw.open === 0, 'the connection is closed');
  });
});
