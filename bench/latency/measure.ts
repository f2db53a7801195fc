import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SourceUrls } from '../bodies.ts';
import type { Ready } from '../contenders/prepare.ts';
import { startContender } from '../contenders/start.ts';
import { ask, nextMessage, startNode } from '../machine/children.ts';
import type { Pinning } from '../machine/pinning.ts';
import type { Options } from '../options.ts';
import { checkAnswer } from '../throughput/answer.ts';
import type { LoadJob, LoadResult } from './load.ts';
import { turnOf, type LatencyTurn } from './report.ts';
import type { SlowestMs } from './sources.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export type LatencyOptions = Pick<
  Options,
  'rounds' | 'seconds' | 'warmupSeconds' | 'perSecond' | 'delays'
>;

/** Shown beside the contenders: what the load generator, the sources and the wire between them add by themselves. */
export const NOTHING_BETWEEN = 'nothing (the slowest source itself)';

/** Load that makes the JIT settle before anything is measured, in seconds. */
const SETTLE_SECONDS = 8;

interface Asked {
  readonly name: string;
  readonly prefix: string;
}

/** How much later than the slowest source an answer is, at a steady rate: short turns, one after the other. */
export async function measureLatency(
  contenders: readonly Ready[],
  options: LatencyOptions,
  pinning: Pinning,
): Promise<readonly LatencyTurn[]> {
  const { rounds, seconds, warmupSeconds, perSecond, delays } = options;
  const cores = pinning.others;
  const env = { DELAYS: JSON.stringify(delays) };
  const sources = startNode([script('./sources.ts')], { cores, env, ipc: true });
  const urls = (await nextMessage(sources)) as SourceUrls;
  const load = startNode([script('./load.ts')], { cores, ipc: true });
  const turn = async ({ prefix }: Asked, length: number): Promise<[LoadResult, SlowestMs]> => {
    const job: LoadJob = { prefix, perSecond, seconds: length };
    const result = (await ask(load, job)) as LoadResult;
    return [result, (await ask(sources, {})) as SlowestMs];
  };

  const children: ChildProcess[] = [];
  const asked: Asked[] = [
    { name: NOTHING_BETWEEN, prefix: `${urls.recommendations}/recommendations/` },
  ];
  for (const ready of contenders) {
    const { contender, child, origin } = await startContender(ready, urls, pinning.contender);
    await checkAnswer(origin);
    children.push(child);
    asked.push({ name: contender.name, prefix: `${origin}/dashboard/` });
  }
  for (const each of asked) await turn(each, SETTLE_SECONDS);

  const turns: LatencyTurn[] = [];
  for (let round = 1; round <= rounds; round += 1)
    for (const each of asked) {
      if (warmupSeconds > 0) await turn(each, warmupSeconds);
      const measured = turnOf(each.name, round, ...(await turn(each, seconds)));
      turns.push(measured);
      process.stderr.write(`round ${round}/${rounds}  ${lineOf(measured)}\n`);
    }
  for (const child of children) child.kill('SIGKILL');
  sources.disconnect();
  load.disconnect();
  return turns;
}

const lineOf = ({ contender, p50Ms, p99Ms, failures }: LatencyTurn): string =>
  `${contender.padEnd(36)} + ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, ${failures} failures`;
