import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, SEARCHED } from '../../../support/programs.ts';
import { RULES_DIR } from './rules.ts';

/** The real Prometheus with the configuration that is shipped, moved to this machine's loopback and hurried up. */

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface RuleHealth {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

export class Prometheus {
  private output = '';
  private readonly dir = mkdtempSync(join(tmpdir(), 'tributary-prometheus-'));
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private readonly port: number;

  private constructor(port: number, replicas: readonly string[]) {
    this.port = port;
    const file = join(this.dir, 'prometheus.yml');
    writeFileSync(file, moved(port, replicas));
    const settings = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(this.dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    this.child = spawn('prometheus', settings, {
      env: { ...process.env, PATH: SEARCHED },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = once(this.child, 'exit');
  }

  /** @param replicas where to read metrics: `host:port` */
  static async start(replicas: readonly string[]): Promise<Prometheus> {
    const prometheus = new Prometheus(await freePort(), replicas);
    try {
      await prometheus.until('it is ready', async () => {
        const { ok } = await fetch(`${prometheus.url}/-/ready`);
        return ok;
      });
    } catch (error) {
      await prometheus.stop();
      throw error;
    }
    return prometheus;
  }

  async query(expr: string): Promise<readonly Sample[]> {
    const { result } = await this.get<{ result: readonly Sample[] }>(
      `query?${new URLSearchParams({ query: expr })}`,
    );
    return result;
  }

  async rules(): Promise<readonly RuleHealth[]> {
    const { groups } = await this.get<{ groups: readonly { rules: readonly RuleHealth[] }[] }>(
      'rules',
    );
    return groups.flatMap((group) => group.rules);
  }

  /** Waits until it is so; throws what it logged when it left, or when it takes too long. */
  async until(what: string, isSo: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    while (!(await isSo().catch(() => false))) {
      if (this.child.exitCode !== null || performance.now() > giveUpAt)
        throw new Error(`never: ${what}\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    rmSync(this.dir, { recursive: true });
  }

  private get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`);
    return body.data;
  }
}

/** The shipped file with other addresses and a shorter interval. */
function moved(port: number, replicas: readonly string[]): string {
  const shipped = readFileSync(`${ROOT}deploy/prometheus/prometheus.yml`, 'utf8');
  const changes: readonly (readonly [RegExp, string])[] = [
    [/(scrape_interval|evaluation_interval): 15s/g, '$1: 500ms'],
    [/scrape_timeout: 5s/, 'scrape_timeout: 500ms'],
    [/'rules\/\*\.rules\.yml'/, `'${RULES_DIR}*.rules.yml'`],
    [/\['tributary-1:9464', 'tributary-2:9464'\]/, JSON.stringify(replicas)],
    [/localhost:9090/, `127.0.0.1:${port}`],
  ];
  return changes.reduce((config, [what, by]) => {
    if (config.search(what) === -1)
      throw new Error(`prometheus.yml has no ${what}: this file is behind`);
    return config.replace(what, by);
  }, shipped);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
