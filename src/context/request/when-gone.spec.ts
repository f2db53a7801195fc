import { EventEmitter } from 'node:events';
import { expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { whenGone } from './when-gone.ts';

/** @param isPipelined its turn on the connection has not come */
function exchange(isPipelined: boolean) {
  const socket = new EventEmitter();
  const raw = Object.assign(new EventEmitter(), { socket: isPipelined ? null : socket });
  const request = { raw: { socket }, leaving: null } as unknown as FastifyRequest;
  return { request, reply: { raw } as unknown as FastifyReply, socket, response: raw };
}

it('tells all who asked, in their order, with one listener', () => {
  const { request, reply, response } = exchange(false);
  const told: string[] = [];
  for (const name of ['first', 'second', 'third']) whenGone(request, reply, () => told.push(name));
  expect(response.listenerCount('close')).toBe(1);
  response.emit('close');
  expect(told).toEqual(['first', 'second', 'third']);
});

it.each(['socket', 'response'] as const)(
  'hears of a pipelined one by its %s, once, and leaves no listener',
  (by) => {
    const { request, reply, socket, response } = exchange(true);
    let told = 0;
    for (let waiter = 0; waiter < 2; waiter += 1) whenGone(request, reply, () => (told += 1));
    ({ socket, response })[by].emit('close');
    expect(told).toBe(2);
    expect(socket.listenerCount('close') + response.listenerCount('close')).toBe(0);
    socket.emit('close');
    response.emit('close');
    expect(told).toBe(2);
  },
);
