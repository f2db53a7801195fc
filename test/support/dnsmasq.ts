import { spawn, type ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCHED } from './programs.ts';

export interface Zone {
  /** Name to its addresses. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** `_service._tcp.name,target,port,priority,weight` */
  readonly services?: readonly string[];
}

/** A real DNS server on loopback for the domain `test`. */
export class Dnsmasq {
  readonly port: number;
  private readonly folder = mkdtempSync(join(tmpdir(), 'dnsmasq-'));
  private child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** On a port that is free for UDP and TCP, and not started yet. */
  static async prepare(): Promise<Dnsmasq> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = dgram.createSocket('udp4');
    const isFree = await once(socket.bind(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    socket.close();
    server.close();
    await once(server, 'close');
    return isFree ? new Dnsmasq(port) : Dnsmasq.prepare();
  }

  /** As `DNS_SERVERS` has it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(zone: Zone): Promise<void> {
    this.write(zone);
    this.child = spawn('dnsmasq', ['--no-daemon', `--conf-file=${this.at('conf')}`], {
      env: { ...process.env, PATH: SEARCHED },
      stdio: 'ignore',
    });
    // That there is no such name is an answer.
    await this.until((resolver) =>
      resolver.resolve4('up.test').then(
        () => true,
        ({ code }: NodeJS.ErrnoException) => code === 'ENOTFOUND' || code === 'ENODATA',
      ),
    );
  }

  /** Changes the hosts while it runs; services need a restart. */
  async reload(zone: Zone): Promise<void> {
    this.write(zone);
    this.child?.kill('SIGHUP');
    const [name, addresses] = Object.entries(zone.hosts ?? {})[0] ?? [];
    if (name === undefined) return;
    const wanted = (addresses ?? []).toSorted().join();
    await this.until(
      async (resolver) => (await resolver.resolve4(name)).toSorted().join() === wanted,
    );
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Stops it and removes its files. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write({ hosts = {}, services = [] }: Zone): void {
    const lines = Object.entries(hosts).flatMap(([name, addresses]) =>
      addresses.map((address) => `${address} ${name}`),
    );
    writeFileSync(this.at('hosts'), lines.join('\n'));
    const conf = [
      `port=${this.port}`,
      'listen-address=127.0.0.1',
      'bind-interfaces',
      'no-resolv',
      'no-hosts',
      'cache-size=0',
      'local=/test/',
      `addn-hosts=${this.at('hosts')}`,
      ...services.map((service) => `srv-host=${service}`),
    ];
    writeFileSync(this.at('conf'), conf.join('\n'));
  }

  private at(file: string): string {
    return join(this.folder, file);
  }

  /** Asks it until it answers as wanted. */
  private async until(isTrue: (resolver: Resolver) => Promise<boolean>): Promise<void> {
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([this.address]);
    for (let turn = 0; turn < 200; turn += 1) {
      if (await isTrue(resolver).catch(() => false)) return;
      if (this.child?.exitCode != null) throw new Error('dnsmasq has left: is its port taken?');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('dnsmasq does not answer as it should');
  }
}
