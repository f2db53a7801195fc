import type { ChildProcess } from 'node:child_process';
import type { SourceUrls } from '../bodies.ts';
import type { Ready } from '../contenders/prepare.ts';
import { startContender, type Up } from '../contenders/start.ts';
import { ask } from '../machine/children.ts';
import type { Pinning } from '../machine/pinning.ts';
import type { Options } from '../options.ts';
import { checkAnswer, sampleAnswers } from './answer.ts';
import type { LoadJob, LoadResult } from './load.ts';
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

export interface Running extends Up {
  /** Size of one answer's body, in bytes. */
  readonly answerBytes: number;
}

/** Load that makes the JIT settle before anything is measured, in seconds. */
const SETTLE_SECONDS = 8;

/** Starts a contender, checks its answer, and lets it settle under load. */
export async function startAndSettle(bench: Bench, ready: Ready): Promise<Running> {
  const up = await startContender(ready, bench.urls, bench.pinning.contender);
  const running = { ...up, answerBytes: await checkAnswer(up.origin) };
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
