import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT, SEARCHED } from '../../support/programs.ts';

/** The real HAProxy with the configuration that is shipped, moved to this machine's loopback. */

/** What HAProxy itself knows of a replica. */
export interface Server {
  readonly name: string;
  readonly isUp: boolean;
  /** Requests given to it since the start, checks not counted. */
  readonly requests: number;
  /** Times a request met a closed port or connection there and was tried again. */
  readonly retries: number;
}

interface Place {
  /** Where callers connect, on loopback. */
  readonly port: number;
  /** Where the replicas listen, in the order of the file. */
  readonly replicas: readonly number[];
}

/** How often readiness is asked, and how long it may take: instead of a second each. */
export interface Checks {
  readonly everyMs: number;
  readonly timeoutMs: number;
}

export class Haproxy {
  /** What it logged: one line a request that went wrong or was tried again, and each change of a replica. */
  output = '';
  private readonly dir = mkdtempSync(join(tmpdir(), 'tributary-haproxy-'));
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(place: Place, checks: Checks) {
    const file = join(this.dir, 'haproxy.cfg');
    writeFileSync(file, moved(place, checks, this.socket));
    this.child = spawn('haproxy', ['-db', '-f', file], {
      env: { ...process.env, PATH: SEARCHED },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = once(this.child, 'exit');
  }

  /** The last of what it logged, but for requests that ended well at the second try. */
  trouble(): string {
    const lines = this.output.split('\n').filter((line) => !line.includes(' 200 '));
    return lines.slice(-20).join('\n');
  }

  async servers(): Promise<readonly Server[]> {
    const socket = connect(this.socket).end('show stat\n');
    const [head = '', ...rows] = (await text(socket)).trim().split('\n');
    const names = head.replace('# ', '').split(',');
    return rows
      .map((row) => new Map(row.split(',').map((value, at) => [names[at] ?? '', value])))
      .filter((row) => row.get('pxname') === 'tributary' && row.get('svname') !== 'BACKEND')
      .map((row) => ({
        name: row.get('svname') ?? '',
        // "UP 1/2" while the checks begin to fail, "DOWN 1/2" while they begin to pass.
        isUp: row.get('status')?.startsWith('UP') ?? false,
        requests: Number(row.get('stot')),
        retries: Number(row.get('wretr')) + Number(row.get('wredis')),
      }));
  }

  /** Waits until it has made up its mind about a replica. */
  async sees(name: string, isUp: boolean, withinMs = 10_000): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    while ((await this.servers()).find((server) => server.name === name)?.isUp !== isUp) {
      if (performance.now() > giveUpAt)
        throw new Error(`never seen ${isUp ? 'up' : 'down'}: ${name}\n${this.trouble()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until it answers; throws what it says when it left instead. */
  async ready(): Promise<void> {
    while (this.child.exitCode === null) {
      try {
        return void (await this.servers());
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    throw new Error(`HAProxy left: ${this.output}`);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    rmSync(this.dir, { recursive: true });
  }

  private get socket(): string {
    return join(this.dir, 'admin.sock');
  }
}

/** The shipped file with other addresses and more frequent checks, and a way to ask what it knows. */
function moved({ port, replicas }: Place, checks: Checks, socket: string): string {
  const shipped = readFileSync(`${ROOT}deploy/haproxy/haproxy.cfg`, 'utf8');
  const changes: readonly (readonly [RegExp, string])[] = [
    [/^global$/m, `global\n  stats socket ${socket}`],
    [/^ {2}bind :8080$/m, `  bind 127.0.0.1:${port}`],
    [/ inter 1s /, ` inter ${checks.everyMs}ms `],
    [/^ {2}timeout check 1s$/m, `  timeout check ${checks.timeoutMs}ms`],
    ...replicas.map(
      (at, index) =>
        [new RegExp(` tributary-${index + 1}:3000\\b`, 'g'), ` 127.0.0.1:${at}`] as const,
    ),
  ];
  return changes.reduce((config, [what, by]) => {
    if (config.search(what) === -1)
      throw new Error(`haproxy.cfg has no ${what}: this file is behind`);
    return config.replace(what, by);
  }, shipped);
}
