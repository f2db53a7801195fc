import { fork } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fanOut } from './fan-out.ts';

/** A way to have many requests under way. */
export interface Model {
  /** Does one as soon as it can. */
  readonly run: (url: string) => Promise<unknown>;
  /** Forgets those that it has not begun; they never end. */
  readonly forget: () => void;
}

export type ModelName = 'event loop' | 'threads' | 'processes';

const unit = fileURLToPath(new URL('./unit.ts', import.meta.url));

interface Unit {
  readonly does: (url: string) => void;
  readonly emitter: EventEmitter;
}

const START: Readonly<Record<Exclude<ModelName, 'event loop'>, () => Unit>> = {
  threads: () => {
    const worker = new Worker(unit);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    return { emitter: worker, does: (url) => worker.postMessage(url) };
  },
  processes: () => {
    const child = fork(unit);
    return { emitter: child, does: (url) => void child.send(url) };
  },
};

/** @param size how many threads or processes; resolves when all of them are up */
export async function startModel(name: ModelName, size: number): Promise<Model> {
  if (name === 'event loop') return { run: fanOut, forget: () => undefined };
  const units = Array.from({ length: size }, START[name]);
  await Promise.all(units.map(({ emitter }) => once(emitter, 'message')));
  return poolOf(units);
}

function poolOf(units: readonly Unit[]): Model {
  const idle = units.slice();
  const line: ((unit: Unit) => void)[] = [];
  return {
    run: async (url) => {
      const mine = idle.pop() ?? (await new Promise<Unit>((resolve) => line.push(resolve)));
      mine.does(url);
      await once(mine.emitter, 'message');
      const next = line.shift();
      if (next === undefined) idle.push(mine);
      else next(mine);
    },
    forget: () => (line.length = 0),
  };
}
