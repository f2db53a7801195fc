import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net, { type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { has } from './programs.ts';

export const isRedisInstalled = has('redis-server', '--version');

/** A real redis-server on a port of loopback, which keeps nothing. */
export class RedisServer {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly dir: string;

  private constructor(port: number, child: ChildProcess, dir: string) {
    this.port = port;
    this.child = child;
    this.dir = dir;
  }

  /** @param port 0 takes a free one */
  static async start(port = 0, ...args: string[]): Promise<RedisServer> {
    const dir = await mkdtemp(join(tmpdir(), 'redis-'));
    const chosen = port === 0 ? await freePort() : port;
    const settings = ['--port', `${chosen}`, '--bind', '127.0.0.1', '--save', '', '--dir', dir];
    const child = spawn('redis-server', [...settings, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes('Ready to accept connections')) break;
    }
    return new RedisServer(chosen, child, dir);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** It is there and does nothing, until SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** By SIGKILL. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Something on a port that is not Redis: it says `answer` to whatever it is told. */
export class NotRedis {
  readonly sockets = new Set<Socket>();
  private readonly server: net.Server;

  private constructor(server: net.Server) {
    this.server = server;
  }

  static async start(answer: (socket: Socket) => void): Promise<NotRedis> {
    const server = net.createServer();
    const made = new NotRedis(server);
    server.on('connection', (socket) => {
      made.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => made.sockets.delete(socket));
      socket.on('data', () => answer(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
