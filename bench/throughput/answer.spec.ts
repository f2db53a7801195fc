import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODIES } from '../bodies.ts';
import { checkAnswer } from './answer.ts';

describe('the check of an answer before anything is timed', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  async function answering(body: unknown, status = 200): Promise<string> {
    server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('takes all that the sources said, and says how much it is', async () => {
    const body = { status: 'success', data: BODIES };
    expect(await checkAnswer(await answering(body))).toBe(JSON.stringify(body).length);
  });

  it.each<[what: string, why: string, body: unknown]>([
    ['a missing section', 'orders', { status: 'success', data: { ...BODIES, orders: null } }],
    ['half a section', 'user', { status: 'success', data: { ...BODIES, user: { id: '42' } } }],
    ['a partial answer', 'partial_success', { status: 'partial_success', data: BODIES }],
    ['no data', 'user', { status: 'success' }],
  ])('does not take %s', async (_, why, body) => {
    await expect(checkAnswer(await answering(body))).rejects.toThrow(why);
  });

  it('does not take another status', async () => {
    const origin = await answering({ status: 'success', data: BODIES }, 502);
    await expect(checkAnswer(origin)).rejects.toThrow('answered 502');
  });
});
