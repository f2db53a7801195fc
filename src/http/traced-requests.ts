import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { RequestTrace, RequestTracer } from '../context/request/trace.ts';
import '../context/request/request-context.ts';
import { whenGone } from '../context/request/when-gone.ts';

/**
 * Traces the dashboards that are routed from now on. Those that were turned away at the door are not among them, where
 * `admitDashboards` is called later: its hook comes first, and whoever sheds has no time to tell of it.
 */
export function traceDashboards(fastify: FastifyInstance, tracer: RequestTracer): void {
  const begin = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const trace = tracer.begin(told(request));
    continueUnder(trace, request);
    if (trace.isSampled) {
      request.trace = trace;
      whenGone(request, reply, () => end(trace, request, reply));
    }
    done();
  };
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (!route.url.startsWith('/dashboard/') || !isReading(route)) return;
    const before = [route.onRequest ?? []].flat();
    // The HEAD route is made from the GET route, with its hooks.
    if (!before.includes(begin)) route.onRequest = [begin, ...before];
  });
}

const told = ({ method, arrivedAt, headers }: FastifyRequest) => ({
  method,
  arrivedAt,
  traceparent: headers.traceparent as string | undefined,
  tracestate: headers.tracestate as string | undefined,
});

/** From here on it is our span that asks: what is passed on and what is logged goes by it. */
function continueUnder(trace: RequestTrace, { raw: { headers } }: FastifyRequest): void {
  headers.traceparent = trace.traceparent;
  if (!trace.isContinued) delete headers.tracestate;
}

function end(trace: RequestTrace, { sections }: FastifyRequest, { raw, statusCode }: FastifyReply) {
  trace.end({
    statusCode: raw.headersSent ? statusCode : 0,
    isCancelled: !raw.writableFinished,
    sections: sections ?? undefined,
  });
}

const isReading = ({ method }: RouteOptions): boolean =>
  [method].flat().every((each) => each === 'GET' || each === 'HEAD');
