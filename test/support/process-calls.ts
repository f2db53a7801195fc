import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { ServiceProcess } from './service-process.ts';
import { until } from './service.ts';

/** What tests ask of the service as a process, and how they tell it to leave. */

export interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
  /** Whether the connection had served a request before. */
  readonly wasKept: boolean;
}

/** A caller who keeps the connection: without one it is the caller who asks for it to be closed. */
export const keeping = (): http.Agent => new http.Agent({ keepAlive: true });

export function get(
  port: number,
  path: string,
  agent: http.Agent | false = false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          connection: response.headers.connection,
          wasKept: request.reusedSocket,
        }),
      );
    });
    request.on('error', reject);
  });
}

/** Sends the signal, and waits until it has arrived. */
export async function leave(service: ServiceProcess, signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
  service.signal(signal);
  await until(() => service.output.includes('shutting down'), 'the signal arrives');
}

/** How new connections fail, once they do. */
export async function refused(port: number): Promise<string | undefined> {
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      socket.destroy();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // One that came while the port was closing.
      if (code !== 'ECONNRESET') return code;
    }
  }
}
