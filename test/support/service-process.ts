import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { COMPILED } from './compiled.ts';

/** The service as operators run it: compiled, in a process of its own, configured by its environment alone. */

export class ServiceProcess {
  output = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | null>;

  constructor(env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [`${COMPILED}/main.js`], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', MANAGEMENT_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  /** The port it listens on, as its own log says. */
  port(): Promise<number> {
    return this.portIn(/"port":(\d+)[^\n]*"msg":"listening"|: listening [^\n]*"port":(\d+)/);
  }

  /** The port of its private listener. */
  managementPort(): Promise<number> {
    return this.portIn(/"port":(\d+)[^\n]*"msg":"management listening"/);
  }

  private async portIn(line: RegExp): Promise<number> {
    while (this.child.exitCode === null) {
      const [, json, pretty] = line.exec(this.output) ?? [];
      const port = json ?? pretty;
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
