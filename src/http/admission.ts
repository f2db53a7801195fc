import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Clock } from '../context/clock.ts';
import type { Admission } from '../context/admission/admission.ts';
import '../context/request/request-context.ts';
import { whenGone } from '../context/request/when-gone.ts';
import { pathOf, PROBLEM_CONTENT_TYPE, type Problem, type ProblemKind } from './problem/problem.ts';

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
  clock: Clock,
  random: () => number,
): void {
  const admit = admitting(admission, clock, random);
  fastify.server.on('connection', () => admission.line.accepted());
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

type Admit = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

function admitting(admission: Admission, clock: Clock, random: () => number): Admit {
  const { line } = admission;
  const leave = (): void => admission.leave();
  const shed = (request: FastifyRequest, reply: FastifyReply): void => {
    request.isShed = true;
    refuse(request, reply, random);
  };
  return (request, reply, done) => {
    const atDoor = admission.enter();
    if (atDoor.shed !== undefined) return shed(request, reply);
    request.isTight = atDoor.isTight;
    whenGone(request, reply, leave);
    if (line.passes()) return done();
    const cameAt = clock.now();
    line.wait(() => {
      if (reply.raw.closed) return;
      const atTurn = admission.begin(clock.now() - cameAt);
      if (atTurn.shed !== undefined) return shed(request, reply);
      request.isTight ||= atTurn.isTight;
      done();
    });
  };
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
