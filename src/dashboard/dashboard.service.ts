import { Inject, Injectable, Logger } from '@nestjs/common';
import { catchError, forkJoin, merge, of, tap, throwError, timeout, type Observable } from 'rxjs';
import type { SourceClient, SourceContract } from '../clients/source.ts';
import type { SourceName } from '../clients/sources.ts';
import { CONFIG, type Config } from '../config/config.ts';
import { worthAsking } from '../context/admission/triage.ts';
import type { RequestContext } from '../context/request/request-context.ts';
import { DeadlineExceededError } from '../errors/errors.ts';
import { consequenceOf } from '../outbound/failure-policy.ts';
import { DashboardFailedError, UserNotFoundError } from './dashboard.errors.ts';
import type { DashboardRequest } from './contract/dashboard.request.ts';
import { firstAs } from './first-as.ts';
import { Leg } from './leg.ts';
import type { Section } from './section.ts';
import { heldBack } from './stream/held-back.ts';

/** A source's contract and the client that asks it. */
export interface DashboardSource {
  readonly contract: SourceContract<SourceName>;
  readonly client: SourceClient;
}

export type DashboardSources = Readonly<Record<SourceName, DashboardSource>>;

/** Nest's token for the `DashboardSources`. */
export const DASHBOARD_SOURCES = Symbol('DASHBOARD_SOURCES');

/** Asks all sources at the same time and joins what arrived before the deadline. */
@Injectable()
export class DashboardService {
  private readonly logger = new Logger(DashboardService.name);
  private readonly sources: DashboardSources;
  private readonly alwaysRequired: ReadonlySet<SourceName>;

  constructor(
    @Inject(DASHBOARD_SOURCES) sources: DashboardSources,
    @Inject(CONFIG) config: Config,
  ) {
    this.sources = sources;
    this.alwaysRequired = new Set(
      (Object.keys(sources) as SourceName[]).filter(
        (name) => config.sources[name]?.REQUIRED === true,
      ),
    );
  }

  /**
   * Emits the sections once, in the order asked. Unsubscribing cancels every call.
   *
   * @throws UserNotFoundError as soon as that is known · DashboardFailedError when there is nothing to answer with
   */
  sections(request: DashboardRequest, context: RequestContext): Observable<readonly Section[]> {
    const legs = this.legs(request, context);
    // `landings` and its `toArray` would be the same, for 1 µs more a request.
    return forkJoin(this.asked(legs, request, context)).pipe(
      tap((sections) => this.assertAnswerable(sections, request.required)),
    );
  }

  /**
   * Emits each section the moment it lands, beginning with the first one that is there; what turned out missing
   * before it comes right ahead of it. Once a needed one is missing nothing begins any more. Ends, or fails, as `sections` does.
   */
  landings(request: DashboardRequest, context: RequestContext): Observable<Section> {
    const legs = this.legs(request, context);
    return merge(...this.asked(legs, request, context)).pipe(
      tap({
        complete: () =>
          this.assertAnswerable(
            legs.map((leg) => leg.ended()),
            request.required,
          ),
      }),
      heldBack(({ source }) => this.isRequired(source, request.required)),
    );
  }

  private legs(request: DashboardRequest, context: RequestContext): readonly Leg[] {
    const worth = context.isTight === true ? this.worthAsking(request) : undefined;
    return request.asked.map(
      (name) => new Leg(name, context, request.explains, worth?.has(name) === false),
    );
  }

  /** What both ways to join have in common: the legs, the end of any of which may be the end of all. */
  private asked(
    legs: readonly Leg[],
    { userId }: DashboardRequest,
    context: RequestContext,
  ): Observable<Section>[] {
    const land = (section: Section): Section => {
      if (this.saysNoSuchUser(section)) throw new UserNotFoundError(legs.map((leg) => leg.ended()));
      return section;
    };
    return legs.map((leg) => this.section(leg, userId, context, land));
  }

  /** One leg's end: exactly one section before the deadline, whatever its client does. */
  private section(
    leg: Leg,
    userId: string,
    { deadline, requestId }: RequestContext,
    land: (section: Section) => Section,
  ): Observable<Section> {
    const { client } = this.sources[leg.name];
    return firstAs(
      () => client.fetch(userId, leg.call),
      (fetched) => land(leg.fetched(fetched)),
    ).pipe(
      timeout({
        first: deadline.leftMs(),
        scheduler: deadline.scheduler,
        with: () => throwError(() => new DeadlineExceededError()),
      }),
      catchError((error: unknown) => {
        const section = leg.failed(error);
        if (consequenceOf(error).reason === 'internal_error') this.logger.error(error, requestId);
        return of(land(section));
      }),
    );
  }

  private worthAsking({ asked, required }: DashboardRequest): ReadonlySet<SourceName> {
    return worthAsking(
      asked.map((name) => ({
        name,
        isRequired: this.isRequired(name, required),
        decidesExistence: this.sources[name].contract.decidesExistence === true,
      })),
    );
  }

  private isRequired(name: SourceName, required: ReadonlySet<SourceName>): boolean {
    return required.has(name) || this.alwaysRequired.has(name);
  }

  private saysNoSuchUser(section: Section): boolean {
    return (
      section.status === 'missing' &&
      section.reason === 'not_found' &&
      this.sources[section.source].contract.decidesExistence === true
    );
  }

  private assertAnswerable(sections: readonly Section[], required: ReadonlySet<SourceName>): void {
    const absent = sections.filter((section) => section.status === 'missing');
    const needed = absent.filter(({ source }) => this.isRequired(source, required));
    if (needed.length > 0) throw new DashboardFailedError(needed, sections);
    if (absent.length === sections.length) throw new DashboardFailedError(absent, sections);
  }
}
