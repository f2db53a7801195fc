import 'reflect-metadata';
import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.ts';
import type { Config } from './config/config.ts';
import { Admission } from './context/admission/admission.ts';
import { systemClock } from './context/clock.ts';
import { Lifecycle } from './context/lifecycle.ts';
import { guardDashboards } from './http/access/access.ts';
import { admitDashboards } from './http/admission.ts';
import { badUrl, isBadUrl } from './http/bad-url.ts';
import { requestIdOf, stampRequests } from './http/incoming.ts';
import { tellRequestEnds } from './http/request-ends.ts';
import { Connections } from './http/listener/connections.ts';
import { MAX_HEAD_BYTES } from './http/listener/limits.ts';
import { strictServer } from './http/listener/strict-server.ts';
import { answerOtherMethods } from './http/methods.ts';
import type { RedisConnection } from './http/limit/shared-buckets.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { serveDocs } from './http/docs.ts';
import { openConsole } from './management/console/console.ts';
import { ConsoleFeed } from './management/console/feed/console.feed.ts';
import { ManagementServer } from './management/management-server.ts';
import { Outbound } from './outbound/outbound.ts';
import { REDIS } from './redis/redis.ts';
import { NestLogger } from './telemetry/logger.ts';
import { ShedLog } from './telemetry/shed.log.ts';

export interface App {
  readonly nest: NestFastifyApplication;
  readonly lifecycle: Lifecycle;
  readonly admission: Admission;
  readonly server: Server;
  readonly connections: Connections;
  readonly management: ManagementServer;
}

/** The whole service, ready to listen: the same for `main.ts` and for the tests. */
export async function buildApp(config: Config, logger: Logger): Promise<App> {
  const lifecycle = new Lifecycle();
  const admission = admissionOf(config);
  const problems = new ProblemFilter();
  const adapter = adapterFor(config, logger, problems);
  const fastify: FastifyInstance = adapter.getInstance();
  const connections = new Connections(fastify.server);
  stampRequests(fastify, systemClock, () => lifecycle.isDraining);
  const feed = new ConsoleFeed(systemClock);
  tellRequestEnds(fastify, systemClock, [feed]);
  answerOtherMethods(fastify);
  admitDashboards(fastify, admission, Math.random);
  const nest = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, lifecycle, admission, [feed]),
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
  const watched = { admission, sources: [...nest.get(Outbound, { strict: false }).sources] };
  const routes = openConsole(feed, config, watched);
  const management = new ManagementServer(routes, (error) => logger.error(error));
  return { nest, lifecycle, admission, server: fastify.server, connections, management };
}

/** Fastify, with everything that is set before a route is known. */
function adapterFor({ service }: Config, logger: Logger, problems: ProblemFilter): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: logger,
    // Nobody logs by request: a child logger for each would be made for nothing.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
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
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(isBadUrl(error) ? badUrl(request) : error, request, reply),
  });
}

function admissionOf({ service }: Config): Admission {
  const limits = {
    maxInFlight: service.MAX_IN_FLIGHT,
    maxLoopDelayMs: service.MAX_EVENT_LOOP_DELAY_MS,
  };
  const admission = new Admission(limits, systemClock);
  const log = new ShedLog(systemClock);
  admission.onShed((reason) => log.shed(reason));
  return admission;
}
