import type { Observable } from 'rxjs';
import type { SourceClient } from '../clients/source.ts';
import type { SourceName } from '../clients/sources.ts';
import type { Deadline } from '../context/deadline.ts';
import type { RequestContext } from '../context/request/request-context.ts';
import { callOf, type CallContext } from '../outbound/call/call-context.ts';
import type { Fetched } from '../outbound/outbound.interceptor.ts';
import type { DashboardRequest } from './contract/dashboard.request.ts';
import { planOf } from './dashboard.plan.ts';
import type { Question } from './first-as.ts';
import { missing, missingBecause, present, type MissingSection, type Section } from './section.ts';

/** One source's share of the fan-out: its call, and the section it ends with. */
export class Leg implements Question<Fetched<unknown>, Section> {
  readonly name: SourceName;
  /** Undefined while it is under way. */
  section: Section | undefined;
  private readonly client: SourceClient;
  private readonly call: CallContext;
  private readonly request: DashboardRequest;
  private readonly deadline: Deadline;

  constructor(
    name: SourceName,
    client: SourceClient,
    request: DashboardRequest,
    context: RequestContext,
    isShed: boolean,
  ) {
    this.name = name;
    this.client = client;
    this.call = callOf(context, isShed);
    this.request = request;
    this.deadline = context.deadline;
  }

  ask(): Observable<Fetched<unknown>> {
    return this.client.fetch(this.request.userId, this.call);
  }

  make(fetched: Fetched<unknown>): Section {
    return this.end(present(this.name, fetched, this.deadline.elapsedMs(), this.attempts));
  }

  failed(error: unknown): MissingSection {
    const { name, deadline, attempts } = this;
    return this.end(missingBecause(name, error, deadline.elapsedMs(), attempts));
  }

  /** Its section; cancelled before there was one, it is `skipped`. */
  ended(): Section {
    return (
      this.section ??
      this.end(missing(this.name, 'skipped', this.deadline.elapsedMs(), this.attempts))
    );
  }

  private get attempts(): number {
    return this.call.trail.attempts.length;
  }

  private end<Ended extends Section>(section: Ended): Ended {
    const end = this.request.explains
      ? { ...section, plan: planOf(this.call, this.deadline) }
      : section;
    this.section = end;
    return end;
  }
}
