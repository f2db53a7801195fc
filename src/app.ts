import 'reflect-metadata';
import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.ts';
import type { Config } from './config/config.ts';
import { Admission } from './context/admission/admission.ts';
import { SHARE_IN_LINE } from './context/admission/line.ts';
import { systemClock } from './context/clock.ts';
import { Lifecycle } from './context/lifecycle.ts';
import type { RequestListener } from './context/request/request-end.ts';
import { guardDashboards } from './http/access/access.ts';
import { admitDashboards } from './http/admission.ts';
import { badUrl, isBadUrl } from './http/problem/bad-url.ts';
import { requestIdOf, stampRequests } from './http/incoming.ts';
import { RequestEnds } from './http/request-ends.ts';
import { traceDashboards } from './http/traced-requests.ts';
import { Connections } from './http/listener/connections.ts';
import { MAX_HEAD_BYTES } from './http/listener/limits.ts';
import { strictServer } from './http/listener/strict-server.ts';
import { answerOtherMethods } from './http/methods.ts';
import type { RedisConnection } from './http/limit/shared-buckets.ts';
import { ProblemFilter } from './http/problem/problem.filter.ts';
import { serveDocs } from './http/docs.ts';
import { openConsole } from './management/console/console.ts';
import { ConsoleFeed } from './management/console/feed/console.feed.ts';
import { ManagementServer } from './management/management-server.ts';
import { metricsRoute } from './management/metrics.route.ts';
import { sourcesRoute } from './management/sources.route.ts';
import { Outbound } from './outbound/outbound.ts';
import { REDIS } from './redis/redis.ts';
import { loggerOfFastify, NestLogger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics/metrics.ts';
import { RequestLog } from './telemetry/request.log.ts';
import { ShedLog } from './telemetry/shed.log.ts';
import type { Tracing } from './telemetry/tracing/sdk.ts';

export interface App {
  readonly nest: NestFastifyApplication;
  readonly lifecycle: Lifecycle;
  readonly admission: Admission;
  readonly server: Server;
  readonly connections: Connections;
  readonly management: ManagementServer;
  /** Undefined where it is off. */
  readonly tracing: Tracing | undefined;
}

/** The whole service, ready to listen: the same for `main.ts` and for the tests. */
export async function buildApp(config: Config, logger: Logger, tracing?: Tracing): Promise<App> {
  const lifecycle = new Lifecycle();
  const admission = admissionOf(config);
  const problems = new ProblemFilter();
  const observers = observersOf(config, logger, admission);
  const adapter = adapterFor(config, logger, problems, observers.requestEnds);
  const fastify: FastifyInstance = adapter.getInstance();
  const connections = new Connections(fastify.server);
  lifecycle.onDrain(() => connections.endWithAnswers());
  stampRequests(fastify, systemClock, () => lifecycle.isDraining);
  observers.requestEnds.watch(fastify, fastify.server);
  answerOtherMethods(fastify);
  // Before the door is added, which then comes first.
  if (tracing !== undefined) traceDashboards(fastify, tracing.tracer);
  admitDashboards(fastify, admission, systemClock, Math.random);
  const nest = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, lifecycle, admission, [observers.metrics.outbound, observers.feed]),
    adapter,
    {
      logger: new NestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    },
  );
  nest.useGlobalFilters(problems);
  guardDashboards(fastify, {
    options: config.service,
    redis: nest.get<RedisConnection | undefined>(REDIS, { strict: false }),
    clock: systemClock,
    logger,
    refuse: (error, request, reply) => problems.answer(error, request, reply),
  });
  serveDocs(nest);
  await nest.init();
  const management = managementOf(nest, config, logger, observers);
  const { server } = fastify;
  return { nest, lifecycle, admission, server, connections, management, tracing };
}

/** Whoever wants to know what becomes of requests, calls and attempts. */
interface Observers {
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly feed: ConsoleFeed;
  readonly requestEnds: RequestEnds;
}

function observersOf(config: Config, logger: Logger, admission: Admission): Observers {
  const metrics = new Metrics(Object.keys(config.sources));
  admission.onShed((reason) => metrics.requests.shed(reason));
  const feed = new ConsoleFeed(systemClock);
  const requestEnds = new RequestEnds(systemClock, [
    metrics.requests,
    feed,
    ...logOf(config, logger),
  ]);
  return { admission, metrics, feed, requestEnds };
}

/** The private listener with all that it serves. */
function managementOf(
  nest: NestFastifyApplication,
  config: Config,
  logger: Logger,
  { admission, metrics, feed }: Observers,
): ManagementServer {
  const sources = [...nest.get(Outbound, { strict: false }).sources];
  metrics.watch({ sources, admission });
  const routes = [
    metricsRoute(metrics),
    sourcesRoute(sources, systemClock),
    ...openConsole(feed, config, { sources, admission }),
  ];
  return new ManagementServer(routes, (error) => logger.error(error));
}

const logOf = ({ service }: Config, logger: Logger): readonly RequestListener[] =>
  service.LOG_REQUESTS === 'none'
    ? []
    : [new RequestLog(logger, systemClock, service.LOG_REQUESTS === 'all')];

/** Fastify, with everything that is set before a route is known. */
function adapterFor(
  { service }: Config,
  logger: Logger,
  problems: ProblemFilter,
  requestEnds: RequestEnds,
): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: loggerOfFastify(logger),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    // Nest middleware on Fastify costs a tenth of the throughput; nothing here uses any.
    skipMiddie: true,
    trustProxy: service.TRUST_PROXY === false ? false : [...service.TRUST_PROXY],
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    serverFactory: strictServer,
    // The server has its own.
    clientErrorHandler: () => undefined,
    // A too long id is told what is wrong with it, like any other bad one.
    routerOptions: { maxParamLength: MAX_HEAD_BYTES },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      requestEnds.refusedByRouter(request, reply);
      problems.answer(isBadUrl(error) ? badUrl(request) : error, request, reply);
    },
  });
}

function admissionOf({ service }: Config): Admission {
  const limits = {
    maxInFlight: service.MAX_IN_FLIGHT,
    maxLoopDelayMs: service.MAX_EVENT_LOOP_DELAY_MS,
    // What is left after it is for the sources.
    maxWaitMs: service.DEADLINE_MS * SHARE_IN_LINE,
  };
  const admission = new Admission(limits, systemClock);
  const log = new ShedLog(systemClock);
  admission.onShed((reason) => log.shed(reason));
  return admission;
}
