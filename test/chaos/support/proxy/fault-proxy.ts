import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SOURCE_NAMES, type SourceName } from '../../../../src/clients/sources.ts';
import { NO_FAULT, type Trouble } from './faults.ts';
import type { Framing } from './framing.ts';

/** The TCP fault proxy between the service and its sources, two ports a source, seen from the test's process. */

export type InstanceName = `${SourceName}-${1 | 2}`;

export const INSTANCES: readonly InstanceName[] = SOURCE_NAMES.flatMap(
  (name) => [`${name}-1`, `${name}-2`] as const,
);

export const instancesOf = (source: SourceName): readonly [InstanceName, InstanceName] => [
  `${source}-1`,
  `${source}-2`,
];

export type Troubles = Readonly<Partial<Record<InstanceName, Trouble>>>;

export interface Command {
  readonly id: number;
  /** From here on chance is drawn from it, and counts begin again. */
  readonly seed?: number;
  readonly troubles: Troubles;
}

export interface ProxyReport {
  readonly instances: Readonly<
    Record<string, { requests: number; struck: number; connections: number; connected: number }>
  >;
  readonly sources: Readonly<
    Record<
      string,
      {
        /** Requests that are under way. */
        atOnce: number;
        mostAtOnce: number;
        turns: Record<Framing, number>;
        longest: Record<Framing, number>;
      }
    >
  >;
}

export interface Reply {
  readonly id: number;
  readonly report: ProxyReport;
}

export class FaultProxy {
  readonly ports: Readonly<Record<InstanceName, number>>;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (report: ProxyReport) => void>();
  private lastId = 0;

  private constructor(child: ChildProcess, ports: Readonly<Record<InstanceName, number>>) {
    this.child = child;
    this.ports = ports;
    child.on('message', ({ id, report }: Reply) => {
      this.waiting.get(id)?.(report);
      this.waiting.delete(id);
    });
  }

  /** @param upstreams the sources' own ports */
  static async start(upstreams: Readonly<Record<SourceName, number>>): Promise<FaultProxy> {
    const child = fork(
      new URL('./fault-proxy.process.ts', import.meta.url),
      [JSON.stringify(upstreams)],
      { execArgv: [] },
    );
    const [ports] = (await once(child, 'message')) as [Record<InstanceName, number>];
    return new FaultProxy(child, ports);
  }

  /** The service's settings of where its sources are. */
  urlOf(source: SourceName): string {
    return instancesOf(source)
      .map((name) => `http://127.0.0.1:${this.ports[name]}`)
      .join(',');
  }

  /** All instances are well, chance is drawn from the seed, and nothing has been counted. */
  begin(seed: number): Promise<ProxyReport> {
    return this.send({ seed, troubles: everywhere(NO_FAULT) });
  }

  /** From now on, instance by instance; the others stay as they are. */
  set(troubles: Troubles): Promise<ProxyReport> {
    return this.send({ troubles });
  }

  report(): Promise<ProxyReport> {
    return this.send({ troubles: {} });
  }

  /** All instances are well. */
  lift(): Promise<ProxyReport> {
    return this.set(everywhere(NO_FAULT));
  }

  /** Waits until every request has been answered, or its connection closed. */
  async nothingUnderWay(): Promise<void> {
    const giveUpAt = performance.now() + SEES_CLOSE_WITHIN_MS;
    for (;;) {
      const { sources } = await this.report();
      const busy = Object.keys(sources).filter((name) => (sources[name]?.atOnce ?? 0) > 0);
      if (busy.length === 0) return;
      if (performance.now() > giveUpAt)
        throw new Error(`requests are still under way at ${busy.join()}`);
    }
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }

  private send(command: Omit<Command, 'id'>): Promise<ProxyReport> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send({ id, ...command } satisfies Command);
    });
  }
}

/** It is another process, and may have other things to do. */
const SEES_CLOSE_WITHIN_MS = 5_000;

const everywhere = (trouble: Trouble): Troubles =>
  Object.fromEntries(INSTANCES.map((name) => [name, trouble]));
