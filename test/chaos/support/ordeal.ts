import { SOURCE_NAMES, type SourceName } from '../../../src/clients/sources.ts';
import { CONFIG, type Config } from '../../../src/config/config.ts';
import { Outbound } from '../../../src/outbound/outbound.ts';
import { TestService } from '../../support/service.ts';
import type { Promises } from './judge/exchange.ts';
import { wrongWith } from './judge/judge.ts';
import { CallWitness, listeners, nothingHeld } from './leftovers.ts';
import type { ProxyReport } from './proxy/fault-proxy.ts';
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
  readonly report: ProxyReport;
  /** Each with what it is about. */
  readonly findings: readonly string[];
}

export class Ordeal {
  readonly service: TestService;
  private readonly stage: Stage;
  private readonly promises: Promises;
  private readonly maxConcurrent: number;
  private readonly witness: CallWitness;
  private readonly listeners: Readonly<Record<string, number>>;
  private requests = 0;

  private constructor(stage: Stage, service: TestService) {
    this.stage = stage;
    this.service = service;
    const config = service.app.nest.get<Config>(CONFIG);
    this.promises = promisesOf(config);
    this.maxConcurrent = config.sources.user?.MAX_CONCURRENT ?? 0;
    this.witness = new CallWitness(service);
    this.listeners = listeners(service);
  }

  /** @param env over the cramped one */
  static async start(stage: Stage, env: Readonly<Record<string, string>>): Promise<Ordeal> {
    return new Ordeal(stage, await TestService.start({ ...CRAMPED, ...env, ...stage.env }));
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
    return { met: tally(met), report, findings };
  }

  /** Waits for the sources to be well again as the service sees it: as long as its breakers are open, and not much longer. */
  async recover(): Promise<readonly string[]> {
    const openMs = [...this.service.app.nest.get(Outbound).sources].map(({ breaker }) =>
      Math.max(0, (breaker.openUntil ?? 0) - performance.now()),
    );
    const giveUpAt = performance.now() + Math.max(...openMs) + RECOVERY_MS;
    let last: Met | undefined;
    for (let inRow = 0; inRow < RECOVERED;) {
      last = await this.ask({ ...PLAIN, userId: `user-${this.requests % 40}` });
      const findings = this.judged(last);
      if (findings.length > 0) return findings;
      inRow = isSuccess(last) ? inRow + 1 : 0;
      if (performance.now() > giveUpAt)
        return [
          `has not recovered from open breakers of ${openMs.map(Math.round).join()} ms: ${told(last)}`,
        ];
    }
    return [];
  }

  async stop(): Promise<void> {
    await this.service.stop();
  }

  private ask(planned: PlannedRequest): Promise<Met> {
    this.requests += 1;
    return ask(this.service, planned, `request-${this.requests}`);
  }

  private judged(met: Met): readonly string[] {
    if (met === 'hung up') return [];
    if (met instanceof Error) return [`no answer: ${met.message}`];
    return wrongWith(met, this.promises).map((finding) => `${told(met)}\n    ${finding}`);
  }

  /** After a schedule, with the callers gone. */
  private async leftovers(): Promise<readonly string[]> {
    const findings: string[] = [];
    await nothingHeld(this.service).catch((error: unknown) => {
      findings.push(`${String(error)}: ${this.service.held.join(' ')}`);
    });
    findings.push(...(await this.recover()));
    const { sources, instances } = await this.stage.proxy.report();
    for (const [name, { atOnce }] of Object.entries(sources))
      if (atOnce > 0) findings.push(`${atOnce} requests are still under way at ${name}`);
    const connections = Object.values(instances).reduce((sum, { connected }) => sum + connected, 0);
    const kept = await this.witness.kept();
    // A kept connection may hold on to its last call.
    if (kept > connections)
      findings.push(`${kept} of ${this.witness.seen} calls are kept by something`);
    const now = listeners(this.service);
    for (const [event, count] of Object.entries(now))
      if (count > (this.listeners[event] ?? 0)) findings.push(`${count} listeners on ${event}`);
    return findings;
  }
}

const PLAIN: PlannedRequest = {
  atMs: 0,
  userId: 'user-1',
  include: undefined,
  require: [],
  timeoutMs: undefined,
  hangsUpAfterMs: undefined,
};

function promisesOf({ service, sources }: Config): Promises {
  const staleMs = Object.fromEntries(
    SOURCE_NAMES.map((name) => [name, sources[name]?.STALE_MS ?? 0]),
  ) as Record<SourceName, number>;
  return { deadlineMs: service.DEADLINE_MS, staleMs, freshMs: sources.user?.FRESH_MS ?? 0 };
}

const isSuccess = (met: Met): boolean =>
  met !== 'hung up' && !(met instanceof Error) && met.response.text.includes('"success"');

function tally(all: readonly Met[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const met of all) {
    const key =
      met === 'hung up' ? met : met instanceof Error ? 'no answer' : `${met.response.status}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function told(met: Met): string {
  if (met === 'hung up') return met;
  if (met instanceof Error) return met.message;
  const { planned, requestId, response } = met;
  return `${requestId} ${JSON.stringify(planned)} -> ${response.status} ${response.text}`;
}
