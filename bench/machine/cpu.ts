import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** CPU time and memory as Linux counts them; undefined on other systems. */

/** CPU time used since the start, in seconds; children that have ended are included. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

const ticksPerSecond =
  Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Of one process, all of its threads together (proc(5), /proc/pid/stat). */
export function cpuTimeOf(pid: number): CpuTime | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold anything; field 3 follows it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (field: number): number => Number(fields[field - 3]) / ticksPerSecond;
  return { user: seconds(14) + seconds(16), system: seconds(15) + seconds(17) };
}

export function cpuTimeBetween(
  before: CpuTime | undefined,
  after: CpuTime | undefined,
): CpuTime | undefined {
  if (before === undefined || after === undefined) return undefined;
  return { user: after.user - before.user, system: after.system - before.system };
}

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

/** Seconds a set of cores was busy, whoever with, and seconds in all. */
export interface CoreTime {
  readonly busy: number;
  readonly total: number;
}

/** Of all cores but the first, where sources and load generator run (all of them where there is one only). */
export function coreTimeOfOthers(): CoreTime | undefined {
  const rows = [...(read('/proc/stat') ?? '').matchAll(/^cpu\d+ (.*)$/gm)];
  if (rows.length === 0) return undefined;
  let busy = 0;
  let total = 0;
  for (const [, row] of rows.length > 1 ? rows.slice(1) : rows) {
    // user nice system idle iowait irq softirq steal; guest time is in user already
    const ticks = (row ?? '').split(' ').slice(0, 8).map(Number);
    const all = ticks.reduce((sum, value) => sum + value, 0);
    total += all / ticksPerSecond;
    busy += (all - (ticks[3] ?? 0) - (ticks[4] ?? 0)) / ticksPerSecond;
  }
  return { busy, total };
}

/** 0–1. */
export function busyShareBetween(
  before: CoreTime | undefined,
  after: CoreTime | undefined,
): number | undefined {
  if (before === undefined || after === undefined || after.total <= before.total) return undefined;
  return (after.busy - before.busy) / (after.total - before.total);
}
