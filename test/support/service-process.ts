import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The service as operators run it: compiled, in a process of its own, configured by its environment alone. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A place for each of jest's workers: one must not compile over what another one's service is about to load. */
const OUT_DIR = `${ROOT}.cache/e2e-dist-${process.env.JEST_WORKER_ID ?? 0}`;

const CONSOLE = 'management/console/page';

/** Compiles once a run, beside `dist/`, which may be somebody's: what `npm run build` does. */
export function compile(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  for (const project of ['tsconfig.build.json', 'tsconfig.console.json']) {
    const args = [tsc, '-p', `${ROOT}${project}`, '--outDir', OUT_DIR];
    const { status, stdout } = spawnSync(process.execPath, args);
    if (status !== 0) throw new Error(`does not compile: ${stdout.toString()}`);
  }
  cpSync(`${ROOT}src/${CONSOLE}`, `${OUT_DIR}/${CONSOLE}`, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
}

export class ServiceProcess {
  output = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | null>;

  constructor(env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [`${OUT_DIR}/main.js`], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', MANAGEMENT_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  /** The port it listens on, as its own log says. */
  port(): Promise<number> {
    return this.portIn(/"port":(\d+)[^\n]*"msg":"listening"/);
  }

  /** The port of its private listener. */
  managementPort(): Promise<number> {
    return this.portIn(/"port":(\d+)[^\n]*"msg":"management listening"/);
  }

  private async portIn(line: RegExp): Promise<number> {
    while (this.child.exitCode === null) {
      const port = line.exec(this.output)?.[1];
      if (port !== undefined) return Number(port);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`it left: ${this.output}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code, once it has left. */
  exitCode(): Promise<number | null> {
    return this.exited;
  }

  /** For cleaning up: whatever it is doing. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
