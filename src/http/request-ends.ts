import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../context/clock.ts';
import type { RequestEnd, RequestListener, RequestStatus } from '../context/request-end.ts';
import '../context/request-context.ts';
import { whenGone } from './when-gone.ts';

/** Tells listeners how requests ended. Probes and documents that were served are nobody's business. */
export function tellRequestEnds(
  fastify: FastifyInstance,
  clock: Clock,
  listeners: readonly RequestListener[],
): void {
  fastify.decorateRequest('sections', null);
  fastify.decorateRequest('isShed', false);
  fastify.addHook('onRequest', (request: FastifyRequest, reply, done) => {
    if (!request.url.startsWith('/health/'))
      whenGone(request.raw, reply.raw, () => {
        const end = endOf(request, reply, clock);
        if (end !== undefined) for (const listener of listeners) listener.requestEnded(end);
      });
    done();
  });
}

function endOf(request: FastifyRequest, reply: FastifyReply, clock: Clock): RequestEnd | undefined {
  const { sections, dashboard } = request;
  const isOut = reply.raw.writableFinished;
  const statusCode = reply.raw.headersSent ? reply.statusCode : 0;
  const status = isOut ? statusOf(request, statusCode) : 'cancelled';
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

/** Undefined for what was served and is no dashboard. */
function statusOf(
  { sections, isShed }: FastifyRequest,
  statusCode: number,
): RequestStatus | undefined {
  if (isShed) return 'shed';
  if (statusCode >= 500) return 'failure';
  // The one 4xx that is said after asking the sources.
  if (statusCode >= 400) return sections === null ? 'rejected' : 'not_found';
  if (sections === null) return undefined;
  return sections.every(({ status }) => status === 'fresh') ? 'success' : 'partial_success';
}
