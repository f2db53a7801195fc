import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../contenders/prepare.ts';
import { startContender } from '../contenders/start.ts';
import { ask, nextMessage, startNode, stopChild } from '../machine/children.ts';
import { cpuTimeBetween, cpuTimeOf } from '../machine/cpu.ts';
import type { Pinning } from '../machine/pinning.ts';
import type { Trial } from './figures.ts';
import type { Call, LoadJob } from './load.ts';
import { INSTANCES, type Scenario } from './scenarios.ts';
import type { Addresses } from './source.ts';
import type { Fault, Reached } from './sources.ts';

/** One contender up, in front of sources of its own, with a load of its own: ready for one scenario. */

export interface Entrant {
  readonly ready: Ready;
  /** Whether it is told of every instance, or only of the address in front of them. */
  readonly knowsInstances: boolean;
}

export interface Plan {
  readonly perSecond: number;
  readonly users: number;
  readonly secondsBefore: number;
  readonly secondsOfFault: number;
  readonly secondsAfter: number;
}

export interface Up {
  /** Runs the scenario from `from` on, in `Date.now()` ms. */
  run(scenario: Scenario, plan: Plan, from: number): Promise<Trial>;
  stop(): Promise<void>;
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Requests one after the other before anything is measured, so that nobody is seen compiling. */
const WARM_UP = 300;

export async function start({ ready, knowsInstances }: Entrant, cores: Pinning): Promise<Up> {
  const sources = startNode([script('./sources.ts')], { cores: cores.others, ipc: true });
  const { instances, front } = (await nextMessage(sources)) as Addresses;
  const load = startNode([script('./load.ts')], { cores: cores.others, ipc: true });
  const urls = knowsInstances ? instances : front;
  // A line (or fifty) for each failure would bury the table.
  const { contender, child, origin } = await startContender(ready, urls, cores.contender, true);
  const warmUp = { origin, perSecond: WARM_UP, seconds: 1, users: 0, from: Date.now() };
  await ask(load, warmUp satisfies LoadJob);
  return {
    run: async (scenario, plan, from) => {
      const { fault, seconds } = timesOf(scenario, plan, from);
      await ask(sources, fault);
      const job: LoadJob = { ...plan, origin, from, seconds };
      const before = cpuTimeOf(child.pid ?? 0);
      const calls = (await ask(load, job)) as readonly Call[];
      await sleep(Math.max(0, from + seconds * 1_000 - Date.now()));
      const cpu = cpuTimeBetween(before, cpuTimeOf(child.pid ?? 0));
      const cpuSeconds = cpu && cpu.user + cpu.system;
      const reached = (await ask(sources, {})) as Reached;
      return trialOf(
        { contender: contender.name, calls, reached, cpuSeconds },
        scenario,
        plan,
        from,
      );
    },
    stop: async () => {
      await Promise.all([child, sources, load].map((each) => stopChild(each, 'SIGKILL', 0)));
    },
  };
}

function timesOf(
  { source, instances, changes }: Scenario,
  { secondsBefore, secondsOfFault, secondsAfter }: Plan,
  from: number,
): { readonly fault: Fault; readonly seconds: number } {
  const begins = from + secondsBefore * 1_000;
  const ends = begins + secondsOfFault * 1_000;
  return {
    fault: { source, instances, from: begins, to: ends, changes: changes(secondsOfFault) },
    seconds: secondsBefore + secondsOfFault + secondsAfter,
  };
}

function trialOf(
  seen: Pick<Trial, 'contender' | 'calls' | 'reached' | 'cpuSeconds'>,
  scenario: Scenario,
  plan: Plan,
  from: number,
): Trial {
  const { fault, seconds } = timesOf(scenario, plan, from);
  return {
    ...seen,
    from,
    faultFrom: fault.from,
    faultTo: fault.to,
    to: from + seconds * 1_000,
    perSecond: plan.perSecond,
    faultyShare: scenario.instances / INSTANCES,
  };
}
