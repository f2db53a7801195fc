import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize } from 'rxjs';
import { CONFIG, type Config } from '../config/config.ts';
import { systemClock } from '../context/clock.ts';
import { Crowd } from '../context/crowd.ts';
import { Deadline } from '../context/deadline.ts';
import type { RequestContext } from '../context/request/request-context.ts';
import { audienceOf } from '../context/request/audience.ts';
import { headerForwarder, type HeaderForwarder } from '../context/request/forwarded-headers.ts';
import { JsonAnswering } from './answering/json.answering.ts';
import { StreamAnswering } from './answering/stream.answering.ts';
import { toCompletion } from './dashboard.answer.ts';
import { DocumentedDashboard } from './contract/dashboard.openapi.ts';
import { parseDashboardRequest, type DashboardRequest } from './contract/dashboard.request.ts';
import { DashboardError } from './dashboard.errors.ts';
import { DashboardService } from './dashboard.service.ts';
import type { Section } from './section.ts';
import { streamOf } from './stream/dashboard.stream.ts';
import type { Encoding } from './stream/events.ts';
import { ndjson } from './stream/ndjson.ts';
import { negotiate } from './stream/negotiate.ts';
import { PROBLEM_OF, type ProblemOf } from './stream/problem-of.ts';
import { sse } from './stream/sse.ts';

const ENCODINGS = { sse, ndjson } as const;

@Controller('dashboard')
export class DashboardController {
  private readonly dashboards: DashboardService;
  private readonly problemOf: ProblemOf;
  private readonly host: HttpAdapterHost;
  private readonly deadlineMs: number;
  private readonly reserveMs: number;
  private readonly crowd = new Crowd();
  private readonly mayExplain: boolean;
  private readonly forwarded: HeaderForwarder;
  private readonly authorizationCounts: boolean;

  constructor(
    @Inject(DashboardService) dashboards: DashboardService,
    @Inject(PROBLEM_OF) problemOf: ProblemOf,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(CONFIG) { service }: Config,
  ) {
    this.dashboards = dashboards;
    this.problemOf = problemOf;
    this.host = host;
    this.deadlineMs = service.DEADLINE_MS;
    this.reserveMs = service.DEADLINE_RESERVE_MS;
    this.mayExplain = service.EXPLAIN === 'on';
    this.authorizationCounts = service.FORWARD_AUTHORIZATION;
    this.forwarded = headerForwarder(service.FORWARD_AUTHORIZATION);
  }

  /** `@Res()`: the answer is sent by the `Answering` that waits for it, not by Nest. */
  @Get(':user_id')
  @DocumentedDashboard()
  dashboard(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { params, query, headers } = request;
    const timeoutHeader = headers['x-request-timeout-ms'] as string | undefined;
    const { asked, timeoutMs } = parseDashboardRequest({
      params,
      query,
      timeoutHeader,
      mayExplain: this.mayExplain,
    });
    const context: RequestContext = {
      requestId: request.id,
      deadline: this.deadlineOf(request, timeoutMs),
      forwarded: this.forwarded(headers),
      audience: audienceOf(headers, request.caller?.key, this.authorizationCounts),
      isTight: request.isTight,
      trace: request.trace,
    };
    request.dashboard = context;
    const format = negotiate(headers.accept);
    if (format !== 'json') return this.stream(asked, context, ENCODINGS[format], request, reply);
    return new JsonAnswering(this.dashboards, asked, context, request, reply).answerWith(
      this.dashboards.sections(asked, context),
    );
  }

  /** Its head goes out with the first section, so it cannot say how complete the answer will be. */
  private stream(
    asked: DashboardRequest,
    context: RequestContext,
    encoding: Encoding,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { deadline } = context;
    const landings = this.dashboards.landings(asked, context);
    const body = streamOf(landings.pipe(finalize(() => deadline.dispose())), {
      encoding,
      deadline,
      clock: systemClock,
      complete: (landed) => {
        const sections = inOrder(asked, landed);
        request.sections = sections;
        return toCompletion(asked, context, sections);
      },
      problem: (error) => {
        if (error instanceof DashboardError) request.sections = error.sections;
        const problem = this.problemOf(error, request);
        request.streamStatus = problem.status;
        return problem;
      },
    });
    return new StreamAnswering(encoding, this.host.httpAdapter, request, reply).answerWith(body);
  }

  private deadlineOf({ arrivedAt }: FastifyRequest, timeoutMs: number): Deadline {
    return new Deadline(
      systemClock,
      arrivedAt,
      Math.min(timeoutMs, this.deadlineMs),
      this.reserveMs,
      this.crowd,
    );
  }
}

const inOrder = ({ asked }: DashboardRequest, landed: readonly Section[]): readonly Section[] =>
  landed.toSorted((one, other) => asked.indexOf(one.source) - asked.indexOf(other.source));
