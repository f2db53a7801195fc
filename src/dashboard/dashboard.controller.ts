import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, map, type Observable } from 'rxjs';
import { CONFIG, type Config } from '../config/config.ts';
import { systemClock } from '../context/clock.ts';
import { Deadline } from '../context/deadline.ts';
import type { RequestContext } from '../context/request-context.ts';
import { audienceOf } from '../context/audience.ts';
import { headerForwarder, type HeaderForwarder } from '../context/forwarded-headers.ts';
import { completenessHeaders, isComplete, toAnswer } from './dashboard.answer.ts';
import type { DashboardAnswer } from './contract/dashboard.contract.ts';
import { DocumentedDashboard } from './contract/dashboard.openapi.ts';
import { parseDashboardRequest } from './contract/dashboard.request.ts';
import { DashboardService } from './dashboard.service.ts';

@Controller('dashboard')
export class DashboardController {
  private readonly dashboards: DashboardService;
  private readonly deadlineMs: number;
  private readonly reserveMs: number;
  private readonly mayExplain: boolean;
  private readonly forwarded: HeaderForwarder;
  private readonly authorizationCounts: boolean;

  constructor(
    @Inject(DashboardService) dashboards: DashboardService,
    @Inject(CONFIG) { service }: Config,
  ) {
    this.dashboards = dashboards;
    this.deadlineMs = service.DEADLINE_MS;
    this.reserveMs = service.DEADLINE_RESERVE_MS;
    this.mayExplain = service.EXPLAIN === 'on';
    this.authorizationCounts = service.FORWARD_AUTHORIZATION;
    this.forwarded = headerForwarder(service.FORWARD_AUTHORIZATION);
  }

  /** Returns an Observable, so that Nest unsubscribes (and every call is cancelled) when the caller hangs up. */
  @Get(':user_id')
  @DocumentedDashboard()
  dashboard(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Observable<DashboardAnswer> {
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
    return this.dashboards.sections(asked, context).pipe(
      map((sections) => {
        request.sections = sections;
        reply.headers(completenessHeaders(sections, context));
        if (isComplete(sections)) reply.header('cache-control', 'private, no-cache');
        return toAnswer(asked, context, sections);
      }),
      finalize(() => context.deadline.dispose()),
    );
  }

  private deadlineOf({ arrivedAt }: FastifyRequest, timeoutMs: number): Deadline {
    return new Deadline(
      systemClock,
      arrivedAt,
      Math.min(timeoutMs, this.deadlineMs),
      this.reserveMs,
    );
  }
}
