import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { StartedService } from '../../../demo/sources.ts';
import { ServiceProcess } from '../../support/service-process.ts';
import { Haproxy, type Checks } from './haproxy.ts';

export const REPLICAS = ['tributary-1', 'tributary-2'] as const;
export type ReplicaName = (typeof REPLICAS)[number];

export interface Replica {
  readonly name: ReplicaName;
  readonly port: number;
  readonly process: ServiceProcess;
}

/**
 * What docker-compose.yml starts, on loopback: HAProxy, two replicas, and the demo sources in a process of their own.
 * `stop` ends whatever was started, also when `start` failed half-way.
 */
export class Fleet {
  private readonly replicas = new Map<ReplicaName, Replica>();
  private readonly ports = new Map<ReplicaName, number>();
  private sources: ChildProcess | undefined;
  private urls: Readonly<Record<string, string>> = {};
  private balancer: Haproxy | undefined;
  private balancerPort = 0;

  async start(checks: Checks, env: Readonly<Record<string, string>>): Promise<void> {
    for (const name of REPLICAS) this.ports.set(name, await freePort());
    this.balancerPort = await freePort();
    await this.startSources();
    await Promise.all(REPLICAS.map((name) => this.startReplica(name, env)));
    const replicas = REPLICAS.map((name) => this.portOf(name));
    this.balancer = new Haproxy({ port: this.balancerPort, replicas }, checks);
    await this.balancer.ready();
  }

  /** Where callers ask. */
  get url(): string {
    return `http://127.0.0.1:${this.balancerPort}`;
  }

  get haproxy(): Haproxy {
    if (this.balancer === undefined) throw new Error('HAProxy was not started');
    return this.balancer;
  }

  replica(name: ReplicaName): Replica {
    const replica = this.replicas.get(name);
    if (replica === undefined) throw new Error(`${name} was not started`);
    return replica;
  }

  /** Starts a process in the place of the one that left, and waits until it listens. */
  async startReplica(name: ReplicaName, env: Readonly<Record<string, string>>): Promise<Replica> {
    const port = this.portOf(name);
    const process = new ServiceProcess({
      NODE_ENV: 'production',
      PORT: String(port),
      ...this.urls,
      ...env,
    });
    const replica = { name, port, process };
    this.replicas.set(name, replica);
    await process.port();
    return replica;
  }

  async stop(): Promise<void> {
    await this.balancer?.stop();
    await Promise.all([...this.replicas.values()].map((replica) => replica.process.kill()));
    if (this.sources?.exitCode !== null) return;
    this.sources.disconnect();
    await once(this.sources, 'exit');
  }

  private async startSources(): Promise<void> {
    const program = new URL('../../../demo/sources.process.ts', import.meta.url);
    this.sources = fork(program, { execArgv: [] });
    const [services] = (await once(this.sources, 'message')) as [readonly StartedService[]];
    const urls = services.map(({ envPrefix, urls: at }) => [`${envPrefix}_URL`, at.join(',')]);
    this.urls = Object.fromEntries(urls);
  }

  private portOf(name: ReplicaName): number {
    return this.ports.get(name) ?? 0;
  }
}

/**
 * One that stays free while a replica is replaced: below the range from which systems take the ports of outgoing
 * connections.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
