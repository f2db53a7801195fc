import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** One request as its caller saw it; times as `Date.now()`, the same in every process. */
export interface Call {
  readonly sentAt: number;
  endedAt: number;
  /** Why it was not a complete answer with status "success"; absent when it was. */
  problem?: string;
}

/** Callers in a process of their own, asking at a steady rate until they are stopped. */
export class Load {
  private readonly child: ChildProcess;

  constructor(url: string, perSecond: number) {
    const program = new URL('./load.process.ts', import.meta.url);
    this.child = fork(program, [url, String(perSecond)], { execArgv: [] });
  }

  /** Asks no more, and returns every request once the last of them has ended. */
  async stop(): Promise<readonly Call[]> {
    this.child.send('stop');
    const [calls] = (await once(this.child, 'message')) as [Call[]];
    await this.kill();
    return calls;
  }

  /** For cleaning up: whatever it is doing. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

export const failed = (calls: readonly Call[]): readonly Call[] =>
  calls.filter(({ problem }) => problem !== undefined);
