import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../../context/request/request-context.ts';
import type { DashboardRequest } from '../contract/dashboard.request.ts';
import { completenessHeaders, isComplete, toJson } from '../dashboard.answer.ts';
import type { DashboardService } from '../dashboard.service.ts';
import type { Section } from '../section.ts';
import { Answering } from './answering.ts';

/** What Fastify says of an object that it writes itself. */
const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

/** Sends the answer in one piece. */
export class JsonAnswering extends Answering<readonly Section[]> {
  private readonly dashboards: DashboardService;
  private readonly asked: DashboardRequest;
  private readonly context: RequestContext;

  constructor(
    dashboards: DashboardService,
    asked: DashboardRequest,
    context: RequestContext,
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    super(request, reply);
    this.dashboards = dashboards;
    this.asked = asked;
    this.context = context;
  }

  override unsubscribe(): void {
    super.unsubscribe();
    this.context.deadline.dispose();
  }

  protected send(sections: readonly Section[]): void {
    const { asked, context, request, reply } = this;
    this.dashboards.assertAnswerable(sections, asked);
    request.sections = sections;
    reply.headers(completenessHeaders(sections, context));
    if (isComplete(sections)) reply.header('cache-control', 'private, no-cache');
    reply.header('content-type', JSON_CONTENT_TYPE);
    reply.send(toJson(asked, context, sections));
  }
}
