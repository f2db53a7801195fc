import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { it } from '@jest/globals';

/** Programs that the machine may have or lack, run from the top of the repository. */

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Debian keeps haproxy where only root's PATH looks. */
export const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end; the code is null when there is no such program. */
export function run(program: string, args: readonly string[]): Run {
  const env = { ...process.env, PATH };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, env, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

export const hasHaproxy = (): boolean => run('haproxy', ['-v']).code === 0;

/** `it`, or `it.skip` and one line that says why. */
export function onlyIf(
  isPossible: boolean,
  spec: string,
  otherwise: string,
): typeof it | typeof it.skip {
  if (!isPossible) process.stderr.write(`skipped in ${spec}: ${otherwise}\n`);
  return isPossible ? it : it.skip;
}
