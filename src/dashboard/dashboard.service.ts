import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  catchError,
  defer,
  forkJoin,
  map,
  of,
  take,
  tap,
  throwIfEmpty,
  timeout,
  type Observable,
} from 'rxjs';
import type { SourceClient, SourceContract } from '../clients/source.ts';
import type { SourceName } from '../clients/sources.ts';
import { CONFIG, type Config } from '../config/config.ts';
import type { CallContext, RequestContext } from '../context/request-context.ts';
import { DashboardFailedError, UserNotFoundError } from './dashboard.errors.ts';
import type { DashboardRequest } from './dashboard.request.ts';
import { missing, missingBecause, present, type MissingSection, type Section } from './section.ts';

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
    const landed: Section[] = [];
    return forkJoin(
      request.asked.map((name) =>
        this.leg(name, request.userId, context).pipe(
          tap((section) => {
            landed.push(section);
            if (this.saysNoSuchUser(section))
              throw new UserNotFoundError(withSkipped(request, landed, context));
          }),
        ),
      ),
    ).pipe(tap((sections) => this.assertAnswerable(sections, request.required)));
  }

  /** One source's share: exactly one section before the deadline, whatever its client does. */
  private leg(name: SourceName, userId: string, context: RequestContext): Observable<Section> {
    const { client } = this.sources[name];
    const { deadline } = context;
    const call: CallContext = { ...context, attempts: 0 };
    return defer(() => client.fetch(userId, call)).pipe(
      // What hangs after its value, or ends without one, must not silence the others.
      take(1),
      throwIfEmpty(() => new Error(`the client of ${name} ended without a value`)),
      map((fetched) => present(name, fetched, deadline.elapsedMs(), call.attempts)),
      timeout({
        first: deadline.leftMs(),
        scheduler: deadline.scheduler,
        with: () => of(missing(name, 'timeout', deadline.elapsedMs(), call.attempts)),
      }),
      catchError((error: unknown) => {
        const section = missingBecause(name, error, deadline.elapsedMs(), call.attempts);
        if (section.reason === 'internal_error') this.logger.error(error, context.requestId);
        return of(section);
      }),
    );
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
    const needed = absent.filter(
      ({ source }) => required.has(source) || this.alwaysRequired.has(source),
    );
    if (needed.length > 0) throw new DashboardFailedError(needed, sections);
    if (absent.length === sections.length) throw new DashboardFailedError(absent, sections);
  }
}

/** What had landed when the rest was cancelled, in the order asked. */
function withSkipped(
  { asked }: DashboardRequest,
  landed: readonly Section[],
  { deadline }: RequestContext,
): readonly (Section | MissingSection)[] {
  return asked.map(
    (name) =>
      landed.find(({ source }) => source === name) ??
      missing(name, 'skipped', deadline.elapsedMs(), 0),
  );
}
