import type { ChildProcess } from 'node:child_process';
import { setInterval } from 'node:timers/promises';
import { environmentOf, type Contender } from './contenders.ts';
import { pathOfUser } from './generators/generator.ts';
import type { LoadJob, LoadResult } from './load.ts';
import { ask, freePort, startNode, untilAnswers } from './machine/children.ts';
import type { Pinning } from './machine/pinning.ts';
import type { Options } from './options.ts';
import type { SourceUrls } from './bodies.ts';
import type { Served } from './sources.ts';

/** What every turn needs. */
export interface Bench {
  readonly options: Pick<Options, 'seconds' | 'warmupSeconds' | 'connections' | 'generator'>;
  readonly pinning: Pinning;
  readonly urls: SourceUrls;
  readonly sources: ChildProcess;
  readonly load: ChildProcess;
}

/** One contender measured once. */
export interface Turn extends LoadResult {
  readonly contender: string;
  /** Counted from 1. */
  readonly round: number;
  readonly requestsPerSecond: number;
  /** User and system time of the contender a request, in µs. */
  readonly cpuMicros: number | undefined;
  /** Size of one answer's body, in bytes. */
  readonly answerBytes: number;
  /** Share of the answers looked at under load that were not complete: 0–1. */
  readonly incompleteShare: number;
  /** Requests that reached the sources for one answer: 3 when nobody retries, joins, remembers or gives up. */
  readonly askedPerAnswer: number;
}

/** A contender that is up. */
export interface Running {
  readonly contender: Contender;
  readonly child: ChildProcess;
  /** `http://host:port`. */
  readonly origin: string;
  /** Size of one answer's body, in bytes. */
  readonly answerBytes: number;
}

/** Load that makes the JIT settle before anything is measured, in seconds. */
const SETTLE_SECONDS = 8;

/** Starts a contender, checks its answer, and lets it settle under load. */
export async function startContender(bench: Bench, contender: Contender): Promise<Running> {
  const port = await freePort();
  const managementPort = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = startNode([contender.script], {
    cores: bench.pinning.contender,
    env: environmentOf(contender, { port, managementPort }, bench.urls),
  });
  await untilAnswers(child, origin + pathOfUser(0), 20_000);
  const running = { contender, child, origin, answerBytes: await checkAnswer(origin) };
  const settle = { ...bench.options, warmupSeconds: 0, seconds: SETTLE_SECONDS };
  await takeTurn({ ...bench, options: settle }, running, 0);
  return running;
}

/** Puts the load on a contender and measures. @param round counted from 1 */
export async function takeTurn(
  { options, sources, load }: Bench,
  { contender, child, origin, answerBytes }: Running,
  round: number,
): Promise<Turn> {
  const servedBefore = await served(sources);
  const samples = sampleAnswers(origin, options.warmupSeconds);
  const job: LoadJob = {
    ...options,
    origin,
    contenderPid: child.pid ?? 0,
    sourcesPid: sources.pid ?? 0,
  };
  const result = (await ask(load, job).finally(samples.stop)) as LoadResult;
  const { contenderCpu: cpu, answers, allAnswers } = result;
  return {
    contender: contender.name,
    round,
    requestsPerSecond: answers / result.seconds,
    cpuMicros: cpu && ((cpu.user + cpu.system) * 1e6) / answers,
    answerBytes,
    incompleteShare: samples.incompleteShare(),
    askedPerAnswer: ((await served(sources)) - servedBefore) / allAnswers,
    ...result,
  };
}

async function served(sources: ChildProcess): Promise<number> {
  return ((await ask(sources, {})) as Served).served;
}

const SECTIONS = ['user', 'orders', 'recommendations'] as const;

interface Answer {
  readonly status?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** How often an answer is looked at under load: too seldom to be felt. */
const SAMPLE_MS = 200;

/** Looks at answers while the load is on, from the end of its warm-up until stopped. */
function sampleAnswers(origin: string, warmupSeconds: number) {
  const stopped = new AbortController();
  let looked = 0;
  let incomplete = 0;
  const sample = async (): Promise<void> => {
    const beginsAt = performance.now() + warmupSeconds * 1000;
    for await (const _ of setInterval(SAMPLE_MS, undefined, { signal: stopped.signal })) {
      if (performance.now() < beginsAt) continue;
      await checkAnswer(origin).catch(() => (incomplete += 1));
      looked += 1;
    }
  };
  // Ends by being stopped, which it reports as an error.
  sample().catch(() => undefined);
  return {
    stop: () => stopped.abort(),
    incompleteShare: () => (looked === 0 ? 0 : incomplete / looked),
  };
}

/** The size of a complete answer, in bytes. @throws Error when it is anything else */
async function checkAnswer(origin: string): Promise<number> {
  const response = await fetch(origin + pathOfUser(0));
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${origin} answered ${response.status}: ${body}`);
  const answer = JSON.parse(body) as Answer;
  for (const section of SECTIONS)
    if (typeof answer.data?.[section] !== 'object' || answer.data[section] === null)
      throw new Error(`${origin} answered without ${section}: ${body}`);
  if (answer.status !== 'success') throw new Error(`${origin} answered ${String(answer.status)}`);
  return Buffer.byteLength(body);
}
