import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinned } from './pinning.ts';

/** The processes a benchmark starts, and nothing else's: they end when it does, however it ends. */

const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

export interface ChildOptions {
  readonly cores: string | undefined;
  /** All of its environment but PATH: no setting of the caller's shell changes what is measured. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it talks to us. One that does leaves when we do. */
  readonly ipc?: boolean;
  /** What it prints is shown, unless it is silenced. */
  readonly silent?: boolean;
}

/** Starts Node with `args`. */
export function startNode(args: readonly string[], options: ChildOptions): ChildProcess {
  return startProgram([process.execPath, ...args], options);
}

/** Starts any program. */
export function startProgram(
  command: readonly [program: string, ...args: string[]],
  options: ChildOptions,
): ChildProcess {
  const output = options.silent === true ? ('ignore' as const) : ('inherit' as const);
  const child = spawn(...pinned(options.cores, command), {
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', output, output, ...(options.ipc === true ? ['ipc' as const] : [])],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Sends a message and waits for the answer. @throws Error when the child ends instead */
export async function ask(child: ChildProcess, message: object): Promise<unknown> {
  const answer = nextMessage(child);
  child.send(message);
  return answer;
}

/** The next message of a child. @throws Error when it ends instead */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const { signal } = stop;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a child process ended with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [
      unknown,
    ];
    return message;
  } finally {
    ended.catch(() => undefined);
    stop.abort();
  }
}

/** Asks it to end; after `graceMs` it is killed. */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until `url` answers 200. @throws Error after `patienceMs`, or when the child has ended */
export async function untilAnswers(
  child: ChildProcess,
  url: string,
  patienceMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (performance.now() < giveUpAt && child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await sleep(50);
  }
  throw new Error(`no answer from ${url}`);
}
