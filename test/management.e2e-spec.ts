import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answer, type ManagementRoute } from '../src/management/management-route.ts';
import { ManagementServer } from '../src/management/management-server.ts';
import { SECURITY_HEADERS } from '../src/http/security-headers.ts';
import { exchange } from './support/raw-client.ts';
import type { Response } from './support/service.ts';

/** The private listener by itself, with routes made for the purpose. */

const errors: unknown[] = [];
let closed = 0;

const ROUTES: readonly ManagementRoute[] = [
  { path: '/', handle: (_request, response) => answer(response, 'text/plain', 'home') },
  { path: '/things', handle: (_request, response) => answer(response, 'text/plain', 'things') },
  {
    path: '/files/*',
    handle: ({ url }, response) => answer(response, 'text/plain', url ?? ''),
  },
  {
    path: '/broken',
    handle: () => {
      throw new Error('a secret of ours');
    },
  },
  {
    path: '/cut',
    handle: async (_request, response) => {
      response.writeHead(200).write('half');
      await Promise.reject(new Error('half-way'));
    },
  },
  {
    path: '/feed',
    handle: (_request, response) => void response.writeHead(200).write('one\n'),
    close: () => (closed += 1),
  },
];

let server: ManagementServer;

beforeEach(async () => {
  errors.length = 0;
  closed = 0;
  server = new ManagementServer(ROUTES, (error) => errors.push(error));
  await server.listen(0, '127.0.0.1');
});
afterEach(() => server.close());

const port = (): number => server.address?.port ?? 0;

async function ask(path: string, method = 'GET'): Promise<Omit<Response, 'elapsedMs'>> {
  const request = http.request({ port: port(), host: '127.0.0.1', path, method }).end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString() };
}

describe('the private listener', () => {
  it.each([
    ['/', 'home'],
    ['/things', 'things'],
    ['/things?x=/', 'things'],
    ['/files/', '/files/'],
    ['/files/a/b.js', '/files/a/b.js'],
  ])('answers %s', async (path, text) => {
    const answered = await ask(path);
    expect(answered).toMatchObject({ status: 200, text });
    expect(answered.headers).toMatchObject({
      ...SECURITY_HEADERS,
      'x-request-id': expect.stringMatching(/^[\w-]{36}$/),
      'cache-control': 'private, no-store',
    });
  });

  it('answers a HEAD like the GET, without the body', async () => {
    const [get, head] = [await ask('/things'), await ask('/things', 'HEAD')];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['content-length']).toBe('6');
    expect(Object.keys(head.headers)).toEqual(Object.keys(get.headers));
  });

  it.each(['/nothing', '/things/', '/files', '//things', '/THINGS', '/%74hings'])(
    'has nothing at %s: 404',
    async (path) => {
      const { status, headers, text } = await ask(path);
      expect(status).toBe(404);
      expect(headers).toMatchObject({
        ...SECURITY_HEADERS,
        'content-type': 'application/problem+json; charset=utf-8',
      });
      expect(JSON.parse(text)).toEqual({
        type: '/problems/not-found',
        title: 'Not Found',
        status: 404,
        detail: 'Not Found',
        instance: path,
        requestId: headers['x-request-id'],
      });
    },
  );

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'can only be read: %s is a 405 that says so',
    async (method) => {
      const { status, headers, text } = await ask('/things', method);
      expect(status).toBe(405);
      expect(headers).toMatchObject({ allow: 'GET, HEAD' });
      expect(JSON.parse(text)).toMatchObject({ type: '/problems/method-not-allowed' });
    },
  );

  it('is as strict as the other one', async () => {
    const twice = 'GET /things HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n';
    expect((await exchange(port(), [twice])).answers).toMatchObject([{ status: 400 }]);
  });

  it('says nothing of what broke, and that it broke', async () => {
    const { status, text } = await ask('/broken');
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
    expect(errors).toEqual([new Error('a secret of ours')]);
  });

  it('cuts an answer that broke half-way', async () => {
    await expect(ask('/cut')).rejects.toThrow('aborted');
    expect(errors).toEqual([new Error('half-way')]);
  });

  it('rejects a port that is taken', async () => {
    const other = new ManagementServer([], () => undefined);
    await expect(other.listen(port(), '127.0.0.1')).rejects.toThrow('EADDRINUSE');
    await other.close();
  });
});

describe('closing it', () => {
  it('does not wait for who only listens, has said nothing, or half of it', async () => {
    const feed = http.get({ port: port(), host: '127.0.0.1', path: '/feed' });
    const [response] = (await once(feed, 'response')) as [http.IncomingMessage];
    const gone = once(response, 'error');
    const others = ['', 'GET /things HTT', 'GET /things HTTP/1.1\r\nHost: x\r\n\r\n'].map(
      (bytes) => {
        const socket = net.connect(port(), '127.0.0.1').resume();
        socket.write(bytes);
        return socket;
      },
    );
    await Promise.all(others.map((socket) => once(socket, 'connect')));
    const ends = others.map((socket) => once(socket, 'close'));
    await ask('/things');
    const { port: before } = server.address ?? { port: 0 };
    const startedAt = performance.now();
    await server.close();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await Promise.all([gone, ...ends]);
    expect(closed).toBe(1);
    expect(server.address).toBeUndefined();
    await expect(once(net.connect(before, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});
