import { SOURCE_NAMES, type SourceName } from '../../../src/clients/sources.ts';
import { CONFIG, type Config } from '../../../src/config/config.ts';
import { Outbound } from '../../../src/outbound/outbound.ts';
import { TestService } from '../../support/service.ts';
import { Baseline } from './baseline.ts';
import type { Exchange, Promises } from './judge/exchange.ts';
import { wrongWith } from './judge/judge.ts';
import { Lateness } from './lateness.ts';
import { resources, type Resources } from './leftovers.ts';
import type { ProxyReport } from './proxy/fault-proxy.ts';
import { tally, told } from './report.ts';
import type { PlannedRequest, Schedule } from './schedule.ts';
import type { Stage } from './stage.ts';
import { ask, inTime, type Met } from './traffic.ts';

/** A service before the stage, put through schedules; after each of them it must recover and hold nothing. */

/** Small enough that everything happens: full bulkheads, open breakers, attempts that run out, answers that are stale. */
export const CRAMPED: Readonly<Record<string, string>> = {
  DEADLINE_MS: '600',
  SOURCE_MAX_CONCURRENT: '12',
  SOURCE_MAX_QUEUE: '6',
  SOURCE_MAX_QUEUE_WAIT_MS: '60',
  SOURCE_BREAKER_MIN_CALLS: '10',
  SOURCE_BREAKER_WINDOW_MS: '2000',
  SOURCE_BREAKER_OPEN_MS: '50',
  USER_SERVICE_STALE_MS: '1500',
  ORDER_SERVICE_STALE_MS: '0',
  RECOMMENDATION_SERVICE_STALE_MS: '60000',
};

/** Beyond what a breaker stays open, a source that is well again answers within this. */
const RECOVERY_MS = 2_000;
/** Answers in a row that say that it is. */
const RECOVERED = 4;

export interface Outcome {
  /** Answers by status, and callers that were gone. */
  readonly met: Readonly<Record<string, number>>;
  /** Answers of the sources that a fault struck. */
  readonly struck: number;
  /** Each with what it is about. */
  readonly findings: readonly string[];
}

/** A complete answer, please. */
export const PLAIN: PlannedRequest = {
  atMs: 0,
  userId: 'user-1',
  include: undefined,
  require: [],
  timeoutMs: undefined,
  hangsUpAfterMs: undefined,
};

export class Ordeal {
  readonly service: TestService;
  private readonly stage: Stage;
  private readonly promises: Promises;
  private readonly maxConcurrent: number;
  private readonly lateness = new Lateness();
  private readonly baseline: Baseline;
  private requests = 0;

  private constructor(stage: Stage, service: TestService, before: Resources) {
    this.stage = stage;
    this.service = service;
    const config = service.app.nest.get<Config>(CONFIG);
    this.promises = promisesOf(config);
    this.maxConcurrent = config.sources.user?.MAX_CONCURRENT ?? 0;
    this.baseline = new Baseline(service, before);
  }

  /** @param env over the cramped one */
  static async start(stage: Stage, env: Readonly<Record<string, string>>): Promise<Ordeal> {
    const before = resources();
    const service = await TestService.start({ ...CRAMPED, ...env, ...stage.env });
    return new Ordeal(stage, service, before);
  }

  /** Carries the schedule out, then puts everything right and looks at what is left of it. */
  async run({ seed, requests, troubles }: Schedule): Promise<Outcome> {
    const { proxy } = this.stage;
    await proxy.begin(seed);
    const asked: Promise<Met>[] = [];
    await Promise.all([
      inTime(troubles, ({ instance, trouble }) => void proxy.set({ [instance]: trouble })),
      inTime(requests, (planned) => void asked.push(this.ask(planned))),
    ]);
    const met = await Promise.all(asked);
    const report = await proxy.lift();
    const findings = met.flatMap((each) => this.judged(each));
    for (const [name, { mostAtOnce }] of Object.entries(report.sources))
      if (mostAtOnce > this.maxConcurrent)
        findings.push(`${name} had ${mostAtOnce} at once where ${this.maxConcurrent} are allowed`);
    findings.push(...(await this.leftovers()));
    return { met: tally(met), struck: struckIn(report), findings };
  }

  /** One more request, to which the answer must be honest. @throws Error with what is wrong with it */
  async answer(planned: PlannedRequest): Promise<Exchange> {
    const met = await this.ask(planned);
    const findings = this.judged(met);
    if (findings.length > 0 || met === 'hung up' || met instanceof Error)
      throw new Error(findings.join('\n'));
    return met;
  }

  /** After a schedule, with the callers gone and the faults lifted. */
  async leftovers(): Promise<readonly string[]> {
    const findings = [...(await this.baseline.beyond())];
    await this.stage.proxy
      .nothingUnderWay()
      .catch((error: unknown) => findings.push(String(error)));
    await this.recover().catch((error: unknown) => findings.push(String(error)));
    return findings;
  }

  async stop(): Promise<void> {
    this.lateness.stop();
    await this.service.stop();
    await this.baseline.restored();
  }

  /** Waits for the sources to be well again as the service sees it: as long as its breakers are open, and not much longer. */
  private async recover(): Promise<void> {
    const openMs = [...this.service.app.nest.get(Outbound).sources].map(({ breaker }) =>
      Math.max(0, (breaker.openUntil ?? 0) - performance.now()),
    );
    const giveUpAt = performance.now() + Math.max(...openMs) + RECOVERY_MS;
    for (let inRow = 0; inRow < RECOVERED;) {
      const exchange = await this.answer({ ...PLAIN, userId: `user-${this.requests % 40}` });
      inRow = exchange.response.headers['x-aggregation-complete'] === 'true' ? inRow + 1 : 0;
      if (performance.now() > giveUpAt)
        throw new Error(
          `breakers were open for ${openMs.map(Math.round).join()} ms: ${told(exchange)}`,
        );
    }
  }

  private ask(planned: PlannedRequest): Promise<Met> {
    this.requests += 1;
    return ask(this.service, planned, `request-${this.requests}`, this.lateness);
  }

  private judged(met: Met): readonly string[] {
    if (met === 'hung up') return [];
    if (met instanceof Error) return [`no answer: ${met.message}`];
    return wrongWith(met, this.promises).map((finding) => `${told(met)}\n    ${finding}`);
  }
}

function promisesOf({ service, sources }: Config): Promises {
  const staleMs = Object.fromEntries(
    SOURCE_NAMES.map((name) => [name, sources[name]?.STALE_MS ?? 0]),
  ) as Record<SourceName, number>;
  return { deadlineMs: service.DEADLINE_MS, staleMs, freshMs: sources.user?.FRESH_MS ?? 0 };
}

const struckIn = ({ instances }: ProxyReport): number =>
  Object.values(instances).reduce((sum, { struck }) => sum + struck, 0);
