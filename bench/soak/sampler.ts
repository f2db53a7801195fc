import type { EventEmitter } from 'node:events';
import { Server, Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded into the service (`node --import`), which knows nothing of it: collects garbage and says what is left,
 * as often as it is asked over IPC.
 */

export interface Held {
  readonly heapMiB: number;
  /** Buffers and what else is held outside the heap. */
  readonly externalMiB: number;
  readonly rssMiB: number;
  readonly sockets: number;
  readonly timers: number;
  /** Of the process and of its servers. */
  readonly listeners: number;
  /** Of all its sockets together, for each of them. */
  readonly listenersPerSocket: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MIB = 2 ** 20;

const listenersOf = (emitter: EventEmitter): number =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

/** What keeps the process alive; undocumented, and the only way to the servers of somebody else. */
function handles(): readonly unknown[] {
  const internal = process as unknown as { _getActiveHandles(): readonly unknown[] };
  return internal._getActiveHandles();
}

function held(): Held {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const count = (name: string): number => resources.filter((each) => each === name).length;
  const active = handles();
  const sockets = active.filter((each) => each instanceof Socket);
  const servers = active.filter((each) => each instanceof Server);
  const sum = (emitters: readonly EventEmitter[]): number =>
    emitters.reduce((total, each) => total + listenersOf(each), 0);
  return {
    heapMiB: heapUsed / MIB,
    externalMiB: external / MIB,
    rssMiB: rss / MIB,
    sockets: count('TCPSocketWrap'),
    timers: count('Timeout'),
    listeners: listenersOf(process) + sum(servers),
    listenersPerSocket: sockets.length === 0 ? 0 : sum(sockets) / sockets.length,
  };
}

process.on('message', () => process.send?.(held()));
process.on('disconnect', () => process.exit(0));
