import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Admission } from '../context/admission/admission.ts';
import '../context/request/request-context.ts';
import { pathOf, PROBLEM_CONTENT_TYPE, type Problem, type ProblemKind } from './problem/problem.ts';
import { whenGone } from '../context/request/when-gone.ts';

/** The door to the dashboards. Health, documents and refusals of wrong methods do not pass through it. */

const OVERLOADED: ProblemKind = {
  type: '/problems/overloaded',
  title: 'Too much to do at the moment',
  status: 503,
  detail: 'The service has as much to do as it can; trying again after a moment will help.',
};

/** For dashboard routes added from now on. @param random spreads those who try again over 1 to 3 s */
export function admitDashboards(
  fastify: FastifyInstance,
  admission: Admission,
  random: () => number,
): void {
  const leave = (): void => admission.leave();
  const admit = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { isTight, shed } = admission.enter();
    if (shed !== undefined) {
      request.isShed = true;
      return void refuse(request, reply, random);
    }
    request.isTight = isTight;
    whenGone(request, reply, leave);
    done();
  };
  fastify.decorateRequest('isTight', false);
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (!route.url.startsWith('/dashboard/') || !isReading(route)) return;
    route.onRequest = [admit, ...[route.onRequest ?? []].flat()];
  });
  // Not before: putting the application together keeps the loop busy, and nobody waits for it.
  fastify.addHook('onListen', (done) => {
    admission.start();
    done();
  });
  fastify.addHook('onClose', (_fastify, done) => {
    admission.stop();
    done();
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, random: () => number): FastifyReply {
  const { id, url } = request;
  return reply
    .status(503)
    .header('retry-after', 1 + Math.floor(random() * 3))
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send({ ...OVERLOADED, instance: pathOf(url), requestId: id } satisfies Problem);
}

const isReading = ({ method }: RouteOptions): boolean =>
  [method].flat().every((each) => each === 'GET' || each === 'HEAD');
