import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../context/clock.ts';
import { ConnectTimeoutError } from '../../errors/errors.ts';
import { hostHeader, KEEP_ALIVE_MAX_MS, type WireRequest } from '../transport.ts';

/** The connections to one instance, kept by an agent of Node's. */
export class AxiosPool {
  readonly hostname: string | undefined;
  /** For the `Host` header, and by it for TLS; undefined: what the origin says. */
  readonly host: string | undefined;
  readonly agent: http.Agent;

  constructor({ origin, hostname }: WireRequest, connectTimeoutMs: number, clock: Clock) {
    this.hostname = hostname;
    this.host = hostHeader(origin, hostname);
    // No bound on sockets here: the bulkhead's permits are the bound.
    const options = { keepAlive: true, scheduling: 'lifo', timeout: KEEP_ALIVE_MAX_MS } as const;
    this.agent = agentOf(origin, options, connectTimeoutMs, clock);
  }

  /** Whether no request has a connection of it. */
  get isUnused(): boolean {
    return Object.keys(this.agent.sockets).length === 0;
  }

  /** Closes the idle connections, and the others when they fall idle. */
  retire(): void {
    this.agent.keepSocketAlive = () => false;
    for (const sockets of Object.values(this.agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy();
  }

  /** Closes every connection. */
  destroy(): void {
    this.agent.destroy();
  }
}

/** Neither axios nor Node's agent has a connect timeout of its own. */
export function agentOf(
  origin: string,
  options: http.AgentOptions,
  connectTimeoutMs: number,
  clock: Clock,
): http.Agent {
  const isTls = origin.startsWith('https:');
  const agent = isTls ? new https.Agent(options) : new http.Agent(options);
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (to, callback) => {
    const socket = create(to, callback) as Socket | null | undefined;
    if (socket == null) return socket;
    let waiting = true;
    const timer = clock.setTimeout(() => {
      clock.afterPoll(() => waiting && socket.destroy(new ConnectTimeoutError()));
    }, connectTimeoutMs);
    const stop = (): void => {
      waiting = false;
      clock.clearTimeout(timer);
    };
    socket.once(isTls ? 'secureConnect' : 'connect', stop).once('close', stop);
    return socket;
  };
  return agent;
}
