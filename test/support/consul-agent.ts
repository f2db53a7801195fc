import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One instance as a Consul catalogue has it. */
export interface Registration {
  readonly address?: string;
  readonly nodeAddress?: string;
  readonly port: number;
  readonly tags?: readonly string[];
  readonly passing?: boolean;
  readonly weight?: number;
}

/**
 * A Consul agent as far as discovery sees it: health by blocking queries. It holds a question that names the present
 * index until the catalogue changes or `expire` is called; the wait that was asked for is not kept by itself.
 */
export class ConsulAgent {
  index = 10;
  /** Answered instead of the catalogue: a status, a text, headers only, or nothing at all. */
  fault: 'none' | 'status' | 'garbage' | 'endless' | 'hang' | 'hang up' = 'none';
  /** Whether answers carry no index. */
  withoutIndex = false;
  /** Whether questions are answered at once, whatever they know already. */
  neverHolds = false;
  /** Every question, in order. */
  readonly asked: URL[] = [];
  private readonly service: string;
  private registrations: readonly Registration[] = [];
  private readonly held = new Map<ServerResponse, URL>();
  private server: http.Server | undefined;

  constructor(service: string) {
    this.service = service;
  }

  async start(port = 0): Promise<this> {
    const server = http.createServer((request, response) => this.serve(request, response));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return this;
  }

  get port(): number {
    const address = this.server?.address() as AddressInfo | undefined;
    return address?.port ?? 0;
  }

  /** Questions that are held. */
  get waiting(): number {
    return this.held.size;
  }

  /** Changes the catalogue; whoever waits is answered. */
  register(...registrations: readonly Registration[]): void {
    this.index += 1;
    this.restore(...registrations);
    this.expire();
  }

  /** Changes the catalogue behind everybody's back, as a restart does. */
  restore(...registrations: readonly Registration[]): void {
    this.registrations = registrations;
  }

  /** Answers everybody who waits, whether anything changed or not. */
  expire(): void {
    for (const [response, url] of this.held) this.answer(response, url);
    this.held.clear();
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    this.held.clear();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://agent');
    this.asked.push(url);
    switch (this.fault) {
      case 'status':
        return void response.writeHead(500, { 'x-consul-index': this.index }).end('[]');
      case 'garbage':
        return void response.writeHead(200, { 'x-consul-index': this.index }).end('{"no": "list"');
      case 'endless':
        response.writeHead(200, { 'x-consul-index': this.index });
        return void this.pour(response);
      case 'hang':
        return undefined;
      case 'hang up':
        return void request.socket.destroy();
      case 'none':
        return this.hold(response, url);
      default:
        return this.fault satisfies never;
    }
  }

  private hold(response: ServerResponse, url: URL): void {
    if (url.pathname !== `/v1/health/service/${encodeURIComponent(this.service)}`)
      return void response.writeHead(404).end();
    if (this.neverHolds || Number(url.searchParams.get('index')) < this.index)
      return this.answer(response, url);
    this.held.set(response, url);
    response.once('close', () => this.held.delete(response));
  }

  private answer(response: ServerResponse, { searchParams }: URL): void {
    const found = this.registrations.filter(
      ({ tags = [], passing = true }) =>
        (passing || searchParams.get('passing') !== 'true') &&
        searchParams.getAll('tag').every((tag) => tags.includes(tag)),
    );
    response.writeHead(200, this.withoutIndex ? {} : { 'x-consul-index': this.index });
    response.end(JSON.stringify(found.map(entryOf)));
  }

  private pour(response: ServerResponse): void {
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  }
}

const entryOf = ({ address = '', nodeAddress = '', port, weight }: Registration): unknown => ({
  Node: { Node: 'node', Address: nodeAddress },
  Service: {
    Service: 'service',
    Address: address,
    Port: port,
    ...(weight !== undefined && { Weights: { Passing: weight, Warning: 1 } }),
  },
  Checks: [],
});
