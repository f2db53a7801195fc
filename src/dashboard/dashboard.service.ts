import { Inject, Injectable, Logger } from '@nestjs/common';
import { catchError, forkJoin, merge, of, tap, throwError, timeout, type Observable } from 'rxjs';
import type { SourceClient, SourceContract } from '../clients/source.ts';
import type { SourceName } from '../clients/sources.ts';
import { CONFIG, type Config } from '../config/config.ts';
import { worthAsking } from '../context/admission/triage.ts';
import type { RequestContext } from '../context/request/request-context.ts';
import { DeadlineExceededError } from '../errors/errors.ts';
import { DashboardFailedError, UserNotFoundError } from './dashboard.errors.ts';
import type { DashboardRequest } from './contract/dashboard.request.ts';
import { firstAs } from './first-as.ts';
import { Leg } from './leg.ts';
import type { MissingSection, Section } from './section.ts';
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
   * Emits the sections once, in the order asked; whether they are an answer is for the one who asked to find out, with
   * `assertAnswerable`. Unsubscribing cancels every call.
   *
   * @throws UserNotFoundError as soon as that is known
   */
  sections(request: DashboardRequest, context: RequestContext): Observable<readonly Section[]> {
    // `landings` and its `toArray` would be the same, for 1 µs more a request.
    return forkJoin(this.ends(this.legs(request, context), context));
  }

  /**
   * Emits each section the moment it lands, beginning with the first one that is there; what turned out missing
   * before it comes right ahead of it. Once a needed one is missing nothing begins any more.
   *
   * @throws UserNotFoundError as soon as that is known · DashboardFailedError when there is nothing to answer with
   */
  landings(request: DashboardRequest, context: RequestContext): Observable<Section> {
    const legs = this.legs(request, context);
    return merge(...this.ends(legs, context)).pipe(
      tap({
        complete: () =>
          this.assertAnswerable(
            legs.map((leg) => leg.ended()),
            request,
          ),
      }),
      heldBack(({ source }) => this.isRequired(source, request.required)),
    );
  }

  /** @throws DashboardFailedError where all of them are missing, or one that is required */
  assertAnswerable(sections: readonly Section[], { required }: DashboardRequest): void {
    const absent = sections.filter(isMissing);
    if (absent.length === 0) return;
    const needed = absent.filter(({ source }) => this.isRequired(source, required));
    if (needed.length > 0) throw new DashboardFailedError(needed, sections);
    if (absent.length === sections.length) throw new DashboardFailedError(absent, sections);
  }

  private legs(request: DashboardRequest, context: RequestContext): readonly Leg[] {
    const worth = context.isTight === true ? this.worthAsking(request) : undefined;
    return request.asked.map((name) => {
      const isShed = worth?.has(name) === false;
      return new Leg(name, this.sources[name].client, request, context, isShed);
    });
  }

  /** What both ways to join have in common: each leg ends with exactly one section before the deadline, whatever its client does. */
  private ends(
    legs: readonly Leg[],
    { deadline, requestId }: RequestContext,
  ): Observable<Section>[] {
    const inTime = timeout<Section, Observable<never>>({
      first: deadline.leftMs(),
      scheduler: deadline,
      with: tooLate,
    });
    return legs.map((leg) => {
      const caught = catchError<Section, Observable<Section>>((error: unknown) =>
        of(this.missed(leg, error, legs, requestId)),
      );
      // Not `pipe`, which makes a function of the two for each leg.
      return caught(inTime(firstAs(leg)));
    });
  }

  /** The end of a leg that failed, which may be the end of all. */
  private missed(leg: Leg, error: unknown, legs: readonly Leg[], requestId: string): Section {
    const section = leg.failed(error);
    if (section.reason === 'internal_error') this.logger.error(error, requestId);
    if (section.reason === 'not_found' && this.decidesExistence(leg.name))
      throw new UserNotFoundError(legs.map((each) => each.ended()));
    return section;
  }

  private worthAsking({ asked, required }: DashboardRequest): ReadonlySet<SourceName> {
    return worthAsking(
      asked.map((name) => ({
        name,
        isRequired: this.isRequired(name, required),
        decidesExistence: this.decidesExistence(name),
      })),
    );
  }

  private isRequired(name: SourceName, required: ReadonlySet<SourceName>): boolean {
    return required.has(name) || this.alwaysRequired.has(name);
  }

  private decidesExistence(name: SourceName): boolean {
    return this.sources[name].contract.decidesExistence === true;
  }
}

const tooLate = (): Observable<never> => throwError(() => new DeadlineExceededError());

const isMissing = (section: Section): section is MissingSection => section.status === 'missing';
