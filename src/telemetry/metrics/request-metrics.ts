import type { Registry } from 'prom-client';
import { SHED_REASONS, type ShedReason } from '../../context/admission/admission.ts';
import {
  REQUEST_STATUSES,
  type RequestEnd,
  type RequestListener,
  type RequestStatus,
  type SectionEnd,
} from '../../context/request/request-end.ts';
import type { Reason } from '../../errors/reason.ts';
import { Count, Timings } from './cells.ts';
import { exposeCounter, exposeHistogram } from './exposition.ts';
import { Series } from './series.ts';

/** Counts what callers got. What can be waited for by a dashboard is there with a 0 from the start. */
export class RequestMetrics implements RequestListener {
  private readonly requests = new Series<[RequestStatus], Timings>(() => new Timings());
  private readonly sections = new Series<[string, SectionEnd['status'], Reason | ''], Count>(
    () => new Count(),
  );
  private readonly sheds = new Series<[ShedReason], Count>(() => new Count());
  private readonly slack = new Timings();

  constructor(sources: readonly string[]) {
    for (const status of REQUEST_STATUSES) this.requests.at(status);
    for (const source of sources) this.sections.at(source, 'fresh', '');
    for (const reason of SHED_REASONS) this.sheds.at(reason);
  }

  requestEnded({ status, durationMs, slackMs, sections }: RequestEnd): void {
    this.requests.at(status).record(durationMs);
    if (slackMs !== undefined) this.slack.record(slackMs);
    if (sections === undefined || status === 'cancelled') return;
    for (const section of sections)
      this.sections.at(section.source, section.status, section.reason ?? '').count += 1;
  }

  shed(reason: ShedReason): void {
    this.sheds.at(reason).count += 1;
  }

  expose(registry: Registry): void {
    const { requests } = this;
    exposeCounter(registry, 'aggregator_requests_total', () => requests.entries());
    exposeHistogram(registry, 'aggregator_request_duration_seconds', () => requests.entries());
    exposeHistogram(registry, 'aggregator_deadline_slack_seconds', () => [[[], this.slack]]);
    exposeCounter(registry, 'aggregator_shed_total', () => this.sheds.entries());
    exposeCounter(registry, 'aggregator_sections_total', () => this.sections.entries());
  }
}
