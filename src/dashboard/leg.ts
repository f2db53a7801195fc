import type { SourceName } from '../clients/sources.ts';
import type { Deadline } from '../context/deadline.ts';
import type { RequestContext } from '../context/request/request-context.ts';
import { callOf, type CallContext } from '../outbound/call/call-context.ts';
import type { Fetched } from '../outbound/outbound.interceptor.ts';
import { planOf } from './dashboard.plan.ts';
import { missing, missingBecause, present, type Section } from './section.ts';

/** One source's share of the fan-out: its call, and the section it ends with. */
export class Leg {
  readonly name: SourceName;
  readonly call: CallContext;
  /** Undefined while it is under way. */
  section: Section | undefined;
  private readonly deadline: Deadline;
  private readonly explains: boolean;

  constructor(name: SourceName, context: RequestContext, explains: boolean, isShed: boolean) {
    this.name = name;
    this.call = callOf(context, isShed);
    this.deadline = context.deadline;
    this.explains = explains;
  }

  fetched(fetched: Fetched<unknown>): Section {
    return this.end(present(this.name, fetched, this.deadline.elapsedMs(), this.attempts));
  }

  failed(error: unknown): Section {
    return this.end(missingBecause(this.name, error, this.deadline.elapsedMs(), this.attempts));
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

  private end(section: Section): Section {
    this.section = this.explains ? { ...section, plan: planOf(this.call, this.deadline) } : section;
    return this.section;
  }
}
