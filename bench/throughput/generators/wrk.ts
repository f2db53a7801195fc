import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { USERS_PER_CONNECTION, type Generator, type Load } from './generator.ts';

/** wrk, where it is installed: a fraction of autocannon's CPU time, so that the contender is what saturates first. */

const script = fileURLToPath(new URL('./wrk.lua', import.meta.url));
const run = promisify(execFile);

export const isWrkInstalled = (): boolean => spawnSync('wrk', ['-v']).error === undefined;

interface Summary {
  readonly answers: number;
  readonly failures: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

async function wrk({ origin, connections }: Load, seconds: number): Promise<Summary> {
  const users = String(connections * USERS_PER_CONNECTION);
  const { stdout } = await run('wrk', [
    ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`],
    ...['--script', script, origin, '--', users],
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary;
}

/** wrk has no warm-up of its own: it runs twice, and its 64 connects are part of the window. */
export const runWrk: Generator = async (load, window) => {
  const warmup = load.warmupSeconds > 0 ? await wrk(load, load.warmupSeconds) : undefined;
  window.begin();
  const { answers, failures, p50Us, p99Us } = await wrk(load, load.seconds);
  window.end();
  return {
    answers,
    allAnswers: answers + (warmup?.answers ?? 0),
    failures,
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
  };
};
