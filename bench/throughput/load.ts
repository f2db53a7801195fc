import { runAutocannon } from './generators/autocannon.ts';
import type { Generator, GeneratorName, Load, Measured } from './generators/generator.ts';
import { runWrk } from './generators/wrk.ts';
import {
  busyShareBetween,
  coreTimeOfOthers,
  cpuTimeBetween,
  cpuTimeOf,
  residentMiB,
  type CpuTime,
} from '../machine/cpu.ts';

/**
 * The load generator, in a process of its own: takes a `LoadJob`, says a `LoadResult`, as often as asked. It reads
 * the CPU times itself, at the very edges of the measured window.
 */

export interface LoadJob extends Load {
  readonly generator: GeneratorName;
  readonly contenderPid: number;
  readonly sourcesPid: number;
}

export interface LoadResult extends Measured {
  /** Length of the measured window as it was, in seconds. */
  readonly seconds: number;
  /** CPU time of the contender within the window, in seconds. */
  readonly contenderCpu: CpuTime | undefined;
  /** CPU time of the sources within the window, in seconds. */
  readonly sourcesCpu: CpuTime | undefined;
  /** CPU time of the load generator within the window, in seconds. */
  readonly generatorCpu: CpuTime | undefined;
  /** How busy the cores of sources and load generator were within the window, whoever with: 0–1. */
  readonly othersBusy: number | undefined;
  /** Resident memory of the contender at the end of the window, in MiB. */
  readonly residentMiB: number | undefined;
}

const GENERATOR: Readonly<Record<GeneratorName, Generator>> = {
  autocannon: runAutocannon,
  wrk: runWrk,
};

function snapshot({ contenderPid, sourcesPid }: LoadJob) {
  return {
    at: performance.now(),
    contender: cpuTimeOf(contenderPid),
    sources: cpuTimeOf(sourcesPid),
    generator: cpuTimeOf(process.pid),
    others: coreTimeOfOthers(),
    residentMiB: residentMiB(contenderPid),
  };
}

async function run(job: LoadJob): Promise<LoadResult> {
  let before = snapshot(job);
  let after = before;
  const measured = await GENERATOR[job.generator](job, {
    begin: () => (before = snapshot(job)),
    end: () => (after = snapshot(job)),
  });
  return {
    ...measured,
    seconds: (after.at - before.at) / 1000,
    contenderCpu: cpuTimeBetween(before.contender, after.contender),
    sourcesCpu: cpuTimeBetween(before.sources, after.sources),
    generatorCpu: cpuTimeBetween(before.generator, after.generator),
    othersBusy: busyShareBetween(before.others, after.others),
    residentMiB: after.residentMiB,
  };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (job: LoadJob) => void run(job).then((result) => process.send?.(result)));
