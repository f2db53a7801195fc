import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Counts } from '../../demo/demo-source.ts';
import type { Faults } from '../../demo/faults.ts';

/** A demo source in a process of its own: it counts what reaches it whatever our own event loop is doing. */
export class RemoteSource {
  readonly url: string;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.url = url;
  }

  static async start(service: 'user' | 'orders' | 'recommendations'): Promise<RemoteSource> {
    const child = fork(new URL('./remote-source.process.ts', import.meta.url), [service], {
      execArgv: [],
    });
    const [url] = (await once(child, 'message')) as [string];
    return new RemoteSource(child, url);
  }

  async script(faults: Partial<Faults>): Promise<void> {
    const response = await fetch(`${this.url}/faults`, {
      method: 'PUT',
      body: JSON.stringify(faults),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async counts(): Promise<Counts> {
    const response = await fetch(`${this.url}/faults`);
    return ((await response.json()) as { counts: Counts }).counts;
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }
}
