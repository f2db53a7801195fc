import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { it } from '@jest/globals';

/** Programs that tests use where the machine has them, run from the top of the repository. */

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Debian keeps daemons where only root's PATH looks. */
export const SEARCHED = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end; the code is null when there is no such program. */
export function run(program: string, args: readonly string[]): Run {
  const env = { ...process.env, PATH: SEARCHED };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, env, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

export const has = (program: string, ...args: readonly string[]): boolean =>
  run(program, args).code === 0;

/** `it`, or one that skips and says so once. */
export function onlyIf(isPossible: boolean, otherwise: string): typeof it | typeof it.skip {
  if (!isPossible) process.stderr.write(`skipped: ${otherwise}\n`);
  return isPossible ? it : it.skip;
}
