import { spawnSync } from 'node:child_process';
import { it } from '@jest/globals';

/** Programs that tests use where the machine has them. */

/** Debian keeps daemons where only root's PATH looks. */
export const SEARCHED = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;

export const has = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { env: { ...process.env, PATH: SEARCHED } }).status === 0;

/** `it`, or one that skips and says so once. */
export function onlyIf(isPossible: boolean, otherwise: string): typeof it | typeof it.skip {
  if (!isPossible) process.stderr.write(`skipped: ${otherwise}\n`);
  return isPossible ? it : it.skip;
}
