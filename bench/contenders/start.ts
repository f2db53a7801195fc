import type { ChildProcess } from 'node:child_process';
import type { SourceUrls } from '../bodies.ts';
import { freePort, startProgram, untilAnswers } from '../machine/children.ts';
import { pathOfUser } from '../throughput/generators/generator.ts';
import { environmentOf, type Contender } from './contender.ts';
import type { Ready } from './prepare.ts';

/** From a contender to a process that answers. */

/** A contender that is up. */
export interface Up {
  readonly contender: Contender;
  readonly child: ChildProcess;
  /** `http://host:port`. */
  readonly origin: string;
}

const PATIENCE_MS = 20_000;

/** @param cores as `taskset -c` takes them @param silent whether what it prints is dropped @throws Error when it does not answer within 20 s */
export async function startContender(
  { contender, program }: Ready,
  urls: SourceUrls,
  cores: string | undefined,
  silent = false,
): Promise<Up> {
  const port = await freePort();
  const managementPort = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = environmentOf(contender, { port, managementPort }, urls);
  const child = startProgram(program.command, { cores, env, silent });
  await untilAnswers(child, origin + pathOfUser(0), PATIENCE_MS);
  return { contender, child, origin };
}
