import type { Server } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../context/clock.ts';
import type { RequestEnd, RequestListener, RequestStatus } from '../context/request/request-end.ts';
import '../context/request/request-context.ts';
import { tellRefusals } from './listener/refusal.ts';
import { whenGone } from '../context/request/when-gone.ts';

/**
 * Tells listeners how requests ended, each of them once: those that Fastify's hooks see, those that its router refuses
 * before, and those that never get to it. Probes and documents that were served are nobody's business.
 */
export class RequestEnds {
  private readonly clock: Clock;
  private readonly listeners: readonly RequestListener[];

  constructor(clock: Clock, listeners: readonly RequestListener[]) {
    this.clock = clock;
    this.listeners = listeners;
  }

  /** Of all requests that come in from now on; `stampRequests` must have been before. */
  watch(fastify: FastifyInstance, server: Server): void {
    fastify.decorateRequest('sections', null);
    fastify.decorateRequest('isShed', false);
    fastify.decorateRequest('streamStatus', null);
    fastify.addHook('onRequest', (request: FastifyRequest, reply, done) => {
      whenGone(request, reply, () => {
        const end = endOf(request, reply, this.clock);
        if (end !== undefined) this.tell(end);
      });
      done();
    });
    tellRefusals(server, (statusCode, requestId) => this.tell(refusal(statusCode, requestId)));
  }

  /** Of one that passes no hook, as the router cannot read its URL; nothing more is known of it. */
  refusedByRouter(request: FastifyRequest, reply: FastifyReply): void {
    whenGone(request, reply, () => this.tell(refusal(reply.statusCode, request.id)));
  }

  private tell(end: RequestEnd): void {
    for (const listener of this.listeners) listener.requestEnded(end);
  }
}

/** Undefined for what was served and is no dashboard. */
function endOf(request: FastifyRequest, reply: FastifyReply, clock: Clock): RequestEnd | undefined {
  const { sections, dashboard } = request;
  const isOut = reply.raw.writableFinished;
  const statusCode = reply.raw.headersSent ? (request.streamStatus ?? reply.raw.statusCode) : 0;
  const status = isOut ? statusOf(request, statusCode) : statusOfUnheard(request, statusCode);
  if (status === undefined) return undefined;
  const durationMs = clock.now() - request.arrivedAt;
  return {
    status,
    statusCode,
    requestId: request.id,
    traceparent: request.headers.traceparent as string | undefined,
    durationMs,
    slackMs:
      isOut && sections !== null && dashboard !== null
        ? dashboard.deadline.totalMs - durationMs
        : undefined,
    sections: sections ?? undefined,
  };
}

function statusOf(request: FastifyRequest, statusCode: number): RequestStatus | undefined {
  const { sections, isShed } = request;
  if (isShed) return 'shed';
  if (statusCode >= 500) return isProbe(request) ? undefined : 'failure';
  // The one 4xx that is said after asking the sources.
  if (statusCode >= 400) return sections === null ? 'rejected' : 'not_found';
  if (sections === null) return undefined;
  return sections.every(({ status }) => status === 'fresh') ? 'success' : 'partial_success';
}

/** Of one whose caller left before the answer was out. */
function statusOfUnheard(request: FastifyRequest, statusCode: number): RequestStatus | undefined {
  return isDashboard(request) || (statusCode >= 400 && !isProbe(request)) ? 'cancelled' : undefined;
}

const isDashboard = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith('/dashboard/') === true;

/** Says with a 503 what nobody has to worry about here. */
const isProbe = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith('/health/') === true;

function refusal(statusCode: number, requestId: string): RequestEnd {
  return {
    status: 'rejected',
    statusCode,
    requestId,
    traceparent: undefined,
    durationMs: 0,
    slackMs: undefined,
    sections: undefined,
  };
}
