import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../context/clock.ts';
import '../context/request/request-context.ts';
import { newRequestId } from './request-ids.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What is known of every request the moment it arrives: its id and the time. */

const ACCEPTABLE_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's own `x-request-id` where it is one, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && ACCEPTABLE_ID.test(given) ? given : newRequestId();
}

/** Stamps every request and puts on every response what all of them carry. */
export function stampRequests(
  fastify: FastifyInstance,
  clock: Clock,
  isDraining: () => boolean,
): void {
  fastify.decorateRequest('arrivedAt', 0);
  fastify.decorateRequest('leaving', null);
  fastify.decorateRequest('dashboard', null);
  fastify.decorateRequest('caller', null);
  let turnBeganAt: number | undefined;
  fastify.addHook('onRequest', (request: FastifyRequest, reply, done) => {
    // A burst is read in one turn of the loop and served one by one: the last of it arrived with the first.
    if (turnBeganAt === undefined) {
      turnBeganAt = clock.now();
      setImmediate(() => (turnBeganAt = undefined));
    }
    request.arrivedAt = turnBeganAt;
    for (const name of CONSTANT_NAMES) reply.header(name, CONSTANT[name]);
    reply.header('x-request-id', request.id);
    // What is under way when the drain begins is told by `Connections`.
    if (isDraining()) reply.header('connection', 'close');
    done();
  });
}

/**
 * Unless said otherwise nothing is to be kept: only a complete answer is worth revalidating. What comes of a dashboard
 * depends on `Accept`, problems included; that is said everywhere, since nothing else is the worse for it.
 */
const CONSTANT = {
  ...SECURITY_HEADERS,
  vary: 'Accept',
  'cache-control': 'private, no-store',
} as const;

const CONSTANT_NAMES = Object.keys(CONSTANT) as (keyof typeof CONSTANT)[];

export const headersOfEvery = (requestId: string): Record<string, string> => ({
  ...CONSTANT,
  'x-request-id': requestId,
});
