import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children cost the machine, as Linux counts it; zeros on other systems. */

export interface Footprint {
  /** Proportional: memory that is shared is divided among those who share it. */
  readonly mib: number;
  /** A thread had nothing to do and gave its core away. */
  readonly voluntary: number;
  /** A thread had to give its core away. */
  readonly involuntary: number;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const number = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

function childrenOf(pid: number): readonly number[] {
  return list(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
}

/** Of the process and its children, all threads included. */
export function footprintOf(pid: number): Footprint {
  const all = [pid, ...childrenOf(pid)];
  const threads = all.flatMap((each) =>
    list(`/proc/${each}/task`).map((task) => read(`/proc/${each}/task/${task}/status`)),
  );
  const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
  return {
    mib: sum(all.map((each) => number(read(`/proc/${each}/smaps_rollup`), 'Pss'))) / 1_024,
    voluntary: sum(threads.map((status) => number(status, 'voluntary_ctxt_switches'))),
    involuntary: sum(threads.map((status) => number(status, 'nonvoluntary_ctxt_switches'))),
  };
}
