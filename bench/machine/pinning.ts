import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Who runs where: the contender has core 0 for itself, sources and load generator share the others. */
export interface Pinning {
  /** As `taskset -c` takes it; undefined where nothing can be pinned. */
  readonly contender: string | undefined;
  readonly others: string | undefined;
}

const canPin = (cores: string): boolean => spawnSync('taskset', ['-c', cores, 'true']).status === 0;

/** No pinning where there is one core only, or no `taskset`, or not the right to use it. */
export function choosePinning(): Pinning {
  const last = availableParallelism() - 1;
  const others = last === 1 ? '1' : `1-${last}`;
  return last > 0 && canPin('0') && canPin(others)
    ? { contender: '0', others }
    : { contender: undefined, others: undefined };
}

/** Command and arguments that run `program` on `cores`; the process id stays that of the program. */
export function pinned(
  cores: string | undefined,
  [program, ...args]: readonly [program: string, ...args: string[]],
): [command: string, args: string[]] {
  return cores === undefined ? [program, args] : ['taskset', ['-c', cores, program, ...args]];
}
