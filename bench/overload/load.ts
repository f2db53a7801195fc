import { setTimeout as sleep } from 'node:timers/promises';
import { pathOfUser } from '../throughput/generators/generator.ts';
import { residentMiB } from '../machine/cpu.ts';
import { Callers, type Answer } from './callers.ts';

/**
 * Open-loop load, in a process of its own: requests are sent when they are due, whether or not the ones before have
 * been answered, as callers who know nothing of each other do. Takes `LoadJob`s, answers each with a `LoadResult`.
 */

export interface LoadJob {
  readonly origin: string;
  readonly pid: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Slot {
  sent: number;
  /** 200 within the deadline. */
  good: number;
  /** Of those, with every section fresh. */
  complete: number;
}

export interface LoadResult {
  /** By the time of sending, each `SLOT_MS` long. */
  readonly slots: readonly Slot[];
  /** How many of each status; `error` for none. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of everything that was answered, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers of any status within the deadline. */
  readonly inTime: number;
  /** Of the 503s. */
  readonly shedP99Ms: number;
  /** Greatest resident memory of the contender meanwhile, in MiB. */
  readonly peakMiB: number;
}

export const SLOT_MS = 250;
export const DEADLINE_MS = 1_500;

const callers = new Map<string, Callers>();
let users = 0;

function ask(origin: string): Promise<Answer> {
  users += 1;
  const those = callers.get(origin) ?? new Callers(origin);
  callers.set(origin, those);
  return those.ask(pathOfUser(users));
}

async function run({ origin, pid, perSecond, seconds }: LoadJob): Promise<LoadResult> {
  const slots: Slot[] = [];
  const statuses: Record<string, number> = {};
  const took: number[] = [];
  const shedTook: number[] = [];
  const note = (slot: Slot, { status, isComplete, tookMs }: Answer): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === '503') shedTook.push(tookMs);
    took.push(tookMs);
    if (status !== '200' || tookMs > DEADLINE_MS) return;
    slot.good += 1;
    if (isComplete) slot.complete += 1;
  };
  let peakMiB = 0;
  const sampling = setInterval(() => (peakMiB = Math.max(peakMiB, residentMiB(pid) ?? 0)), 50);
  const pending: Promise<void>[] = [];
  const beganAt = performance.now();
  for (let sent = 0; sent < perSecond * seconds;) {
    const elapsedMs = performance.now() - beganAt;
    const slot = (slots[Math.floor(elapsedMs / SLOT_MS)] ??= { sent: 0, good: 0, complete: 0 });
    const due = Math.min(perSecond * seconds, (elapsedMs / 1_000) * perSecond);
    for (; sent < due; sent += 1) {
      slot.sent += 1;
      pending.push(ask(origin).then((answer) => note(slot, answer)));
    }
    await sleep(2);
  }
  await Promise.all(pending);
  clearInterval(sampling);
  return {
    slots: [...slots].map((slot) => slot ?? { sent: 0, good: 0, complete: 0 }),
    statuses,
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
    maxMs: quantile(took, 1),
    inTime: took.filter((ms) => ms <= DEADLINE_MS).length,
    shedP99Ms: quantile(shedTook, 0.99),
    peakMiB,
  };
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (job: LoadJob) => void run(job).then((result) => process.send?.(result)));
