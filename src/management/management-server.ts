import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { headersOfEvery, requestIdOf } from '../http/incoming.ts';
import { Connections } from '../http/listener/connections.ts';
import { strictServer } from '../http/listener/strict-server.ts';
import { pathOf, PROBLEM_CONTENT_TYPE, statusProblem } from '../http/problem/problem.ts';
import type { ManagementRoute } from './management-route.ts';

/**
 * The private listener: what operators and their tools read. It changes nothing, is never shed and asks nobody who he is:
 * who can reach it may see all of it. A table of paths on a plain server, so that nothing of the service stands before it.
 */

const ALLOWED = 'GET, HEAD';

/** After this long an answer under way is cut: the process wants to leave. */
const CLOSE_WITHIN_MS = 500;

export class ManagementServer {
  private readonly routes: readonly ManagementRoute[];
  private readonly onError: (error: unknown) => void;
  private readonly server: Server;
  private readonly connections: Connections;

  /** @param onError told of a route that failed: our bug */
  constructor(routes: readonly ManagementRoute[], onError: (error: unknown) => void) {
    this.routes = routes;
    this.onError = onError;
    this.server = strictServer((request, response) => void this.serve(request, response));
    this.connections = new Connections(this.server);
  }

  /** Undefined unless it listens. */
  get address(): AddressInfo | undefined {
    return (this.server.address() as AddressInfo | null) ?? undefined;
  }

  /** Rejects where the port cannot be had. */
  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** Stops listening, and waits for answers under way for a moment only. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const route of this.routes) route.close?.();
    this.connections.closeOthers();
    const timer = setTimeout(() => this.server.closeAllConnections(), CLOSE_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headersOfEvery(requestIdOf(request))))
      response.setHeader(name, value);
    const route = this.routeOf(pathOf(request.url ?? '/'));
    if (route === undefined) return refuse(request, response, 404);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', ALLOWED);
      return refuse(request, response, 405);
    }
    try {
      await route.handle(request, response);
    } catch (error) {
      this.onError(error);
      if (response.headersSent) response.destroy();
      else refuse(request, response, 500);
    }
  }

  private routeOf(path: string): ManagementRoute | undefined {
    return this.routes.find((route) =>
      route.path.endsWith('/*') ? path.startsWith(route.path.slice(0, -1)) : path === route.path,
    );
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  const requestId = String(response.getHeader('x-request-id'));
  const problem = { ...statusProblem(status), instance: pathOf(request.url ?? '/'), requestId };
  const body = JSON.stringify(problem);
  response
    .writeHead(status, {
      'content-type': PROBLEM_CONTENT_TYPE,
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}
