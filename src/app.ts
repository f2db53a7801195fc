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
import { systemClock } from './context/clock.ts';
import { Lifecycle } from './context/lifecycle.ts';
import { badUrl, isBadUrl } from './http/bad-url.ts';
import { requestIdOf, stampRequests } from './http/incoming.ts';
import { Connections } from './http/listener/connections.ts';
import { MAX_HEAD_BYTES } from './http/listener/limits.ts';
import { strictServer } from './http/listener/strict-server.ts';
import { answerOtherMethods } from './http/methods.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { serveDocs } from './http/docs.ts';
import { NestLogger } from './telemetry/logger.ts';

export interface App {
  readonly nest: NestFastifyApplication;
  readonly lifecycle: Lifecycle;
  readonly server: Server;
  readonly connections: Connections;
}

/** The whole service, ready to listen: the same for `main.ts` and for the tests. */
export async function buildApp(config: Config, logger: Logger): Promise<App> {
  const lifecycle = new Lifecycle();
  const problems = new ProblemFilter();
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    // Nobody logs by request: a child logger for each would be made for nothing.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    // Nest middleware on Fastify costs a tenth of the throughput; nothing here uses any.
    skipMiddie: true,
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
  const fastify: FastifyInstance = adapter.getInstance();
  const connections = new Connections(fastify.server);
  stampRequests(fastify, systemClock, () => lifecycle.isDraining);
  answerOtherMethods(fastify);
  const nest = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, lifecycle),
    adapter,
    {
      logger: new NestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    },
  );
  nest.useGlobalFilters(problems);
  serveDocs(nest);
  await nest.init();
  return { nest, lifecycle, server: fastify.server, connections };
}
