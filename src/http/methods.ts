import { METHODS } from 'node:http';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { pathOf, PROBLEM_CONTENT_TYPE, statusProblem } from './problem/problem.ts';

/** Fastify answers a wrong method as if the path did not exist; HTTP wants a 405 that says what is allowed. */

export const ALLOWED = 'GET, HEAD, OPTIONS';
const OTHERS = METHODS.filter((method) => !['GET', 'HEAD', 'OPTIONS', 'CONNECT'].includes(method));

/** For every GET route added from now on: OPTIONS says what is allowed, any other method is refused. */
export function answerOtherMethods(fastify: FastifyInstance): void {
  // No body is ever parsed, whatever the method: the listener has thrown it away.
  for (const method of [...OTHERS, 'OPTIONS'])
    fastify.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  const seen = new Set<string>();
  fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
    if (method !== 'GET' || seen.has(url)) return;
    seen.add(url);
    fastify.route({
      method: 'OPTIONS',
      url,
      handler: answered,
      onRequest: (_request, reply) => void reply.header('allow', ALLOWED).status(204).send(),
    });
    fastify.route({
      method: OTHERS,
      url,
      handler: answered,
      // Before the body is read: whatever it holds, the method is wrong.
      onRequest: (request, reply) =>
        void reply
          .header('allow', ALLOWED)
          .status(405)
          .header('content-type', PROBLEM_CONTENT_TYPE)
          .send({
            ...statusProblem(405),
            instance: pathOf(request.url),
            requestId: request.id,
          }),
    });
  });
}

/** Never reached: the hook before it has answered. */
const answered = (): void => undefined;
