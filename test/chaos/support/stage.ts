import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SOURCE_NAMES, SOURCES, type SourceName } from '../../../src/clients/sources.ts';
import { FaultProxy } from './proxy/fault-proxy.ts';

/** The sources and the proxy before them, each in a process of its own: what all services of a spec file stand before. */
export class Stage {
  readonly proxy: FaultProxy;
  private readonly sources: ChildProcess;

  private constructor(sources: ChildProcess, proxy: FaultProxy) {
    this.sources = sources;
    this.proxy = proxy;
  }

  static async start(): Promise<Stage> {
    const sources = fork(
      new URL('./sources/sources.process.ts', import.meta.url),
      [...SOURCE_NAMES],
      {
        execArgv: [],
      },
    );
    const [ports] = (await once(sources, 'message')) as [Record<SourceName, number>];
    return new Stage(sources, await FaultProxy.start(ports));
  }

  /** Where the service finds its sources. */
  get env(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      SOURCES.map(({ source }) => [`${source.envPrefix}_URL`, this.proxy.urlOf(source.name)]),
    );
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    this.sources.disconnect();
    await once(this.sources, 'exit');
  }
}
