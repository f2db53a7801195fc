import { HeldSource } from './held-source.ts';
import { QUIET, TestService, until, type Response } from './service.ts';
import { StreamReader } from './stream-reader.ts';

/** The service in front of sources that answer when a test says so: no time passes but the test's. */

export const USER = { id: '41', name: 'Ada', email: 'ada@example.com' };
export const RECOMMENDATIONS = [{ productId: 'p', title: 'A book', score: 0.5 }];
/** Of the three that are held; one that is added some day is not asked. */
export const PATH = '/dashboard/41?include=user,orders,recommendations';

const PATIENT = {
  ...QUIET,
  DEADLINE_MS: '15000',
  SOURCE_ATTEMPT_TIMEOUT_MS: '15000',
  SOURCE_BREAKER_MIN_CALLS: '100000',
  LOG_LEVEL: 'info',
  // What is wrong with an answer is looked at there; anything else in the log would be a surprise.
  LOG_REQUESTS: 'none',
};

export class HeldService {
  readonly inner: TestService;
  readonly user: HeldSource;
  readonly orders: HeldSource;
  readonly recommendations: HeldSource;
  /** The lines of the log since the start. */
  readonly said: string[];

  private constructor(inner: TestService, sources: readonly HeldSource[], said: string[]) {
    this.inner = inner;
    [this.user, this.orders, this.recommendations] = sources as [
      HeldSource,
      HeldSource,
      HeldSource,
    ];
    this.said = said;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<HeldService> {
    const sources = await Promise.all([1, 2, 3].map(() => new HeldSource().listen()));
    const said: string[] = [];
    const inner = await TestService.start(
      {
        ...PATIENT,
        USER_SERVICE_URL: sources[0]?.url ?? '',
        ORDER_SERVICE_URL: sources[1]?.url ?? '',
        RECOMMENDATION_SERVICE_URL: sources[2]?.url ?? '',
        ...env,
      },
      { write: (line) => said.push(line) },
    );
    said.length = 0;
    return new HeldService(inner, sources, said);
  }

  get sources(): readonly HeldSource[] {
    return [this.user, this.orders, this.recommendations];
  }

  /** Waits until every source holds so many requests. */
  async holds(count = 1): Promise<void> {
    await Promise.all(this.sources.map((source) => source.holds(count)));
  }

  /** Resolves with the head of a stream. */
  open(
    path: string,
    accept: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamReader> {
    return StreamReader.open(this.inner.port, path, accept, headers);
  }

  ask(path: string, accept: string, method = 'GET'): Promise<Response> {
    return this.inner.request(path, { method, headers: { accept } });
  }

  /** Waits until a call has ended at our end too: so many are still under way. */
  async landed(underWay: number): Promise<void> {
    // Each is counted by its bulkhead and by its instance.
    await until(
      () => this.inner.held.reduce((sum, held) => sum + held, 0) === 2 * underWay,
      `${underWay} call(s) are under way`,
    );
  }

  /** Waits until nothing is left of what was asked, and forgets it. */
  async settle(): Promise<void> {
    await this.landed(0);
    await until(() => this.inner.app.admission.inFlight === 0, 'nobody waits any more');
    for (const source of this.sources) source.forget();
  }

  async stop(): Promise<void> {
    await this.inner.stop();
    await Promise.all(this.sources.map((source) => source.close()));
  }
}
