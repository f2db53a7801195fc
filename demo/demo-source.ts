import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { GIVE } from './bad-answers.ts';
import type { Lookup } from './data.ts';
import { FaultsSchema, NO_FAULTS, type Faults } from './faults.ts';

/** What reached a source, counted where nobody can be wrong about it. */
export interface Counts {
  requests: number;
  inFlight: number;
  maxInFlight: number;
  /** Connections closed by the other side before the answer was out. */
  aborted: number;
  /** Connections ever taken. */
  connections: number;
}

/** One instance of one service: its data, its faults, and what reached it. */
export class DemoSource {
  readonly name: string;
  faults: Faults;
  counts: Counts = { requests: 0, inFlight: 0, maxInFlight: 0, aborted: 0, connections: 0 };
  /** The headers of every request, newest last; kept by tests that look at them. */
  readonly seen: { url: string; headers: IncomingHttpHeaders }[] = [];
  private readonly lookup: Lookup;
  private readonly usual: Faults;
  private readonly server = createServer((request, response) => this.serve(request, response));

  /** @param usual its pace on a good day: what `PUT` changes and `DELETE` goes back to */
  constructor(name: string, lookup: Lookup, usual: Partial<Faults> = {}) {
    this.name = name;
    this.lookup = lookup;
    this.usual = { ...NO_FAULTS, ...usual };
    this.faults = this.usual;
    this.server.on('connection', () => (this.counts.connections += 1));
  }

  /** Goes wrong like that from now on, at its usual pace unless told otherwise; without faults it is put right. */
  breakWith(faults: Partial<Faults> = {}): void {
    this.faults = { ...this.usual, ...faults };
  }

  /** Listens, on loopback unless told otherwise; 0 takes a free port. */
  async listen(port = 0, host = '127.0.0.1'): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, host, resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://source');
    if (url.pathname === '/faults') return void this.control(request, response);
    if (url.pathname === '/health') return void response.writeHead(200).end('ok');
    this.count(request, response);
    const userId = decodeURIComponent(
      url.searchParams.get('user_id') ?? url.pathname.split('/').at(-1) ?? '',
    );
    const body = this.lookup(userId);
    const faults = this.faults;
    const delayMs = faults.latencyMs + Math.random() * faults.jitterMs;
    const answer = (): void => {
      if (response.destroyed) return;
      if (Math.random() < faults.errorRate)
        sendError(response, faults.errorStatus, faults.retryAfter);
      else if (body === undefined) sendError(response, 404);
      else GIVE[faults.badAnswer](response, JSON.stringify(body));
    };
    if (delayMs === 0) answer();
    else {
      const timer = setTimeout(answer, delayMs);
      response.once('close', () => clearTimeout(timer));
    }
  }

  private count(request: IncomingMessage, response: ServerResponse): void {
    const { counts } = this;
    counts.requests += 1;
    counts.inFlight += 1;
    counts.maxInFlight = Math.max(counts.maxInFlight, counts.inFlight);
    if (this.seen.push({ url: request.url ?? '', headers: request.headers }) > 1000)
      this.seen.shift();
    response.once('close', () => {
      counts.inFlight -= 1;
      if (!response.writableFinished) counts.aborted += 1;
    });
  }

  private async control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'DELETE') this.breakWith();
    if (request.method === 'PUT') {
      const parsed = FaultsSchema.safeParse(withUsual(this.usual, await readJson(request)));
      if (!parsed.success) {
        response.writeHead(400, { 'content-type': 'application/json' });
        return void response.end(
          JSON.stringify({
            errors: parsed.error.issues.map(({ path, message }) => ({
              field: path.join('.'),
              message,
            })),
          }),
        );
      }
      this.faults = parsed.data;
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
    });
    response.end(JSON.stringify({ name: this.name, faults: this.faults, counts: this.counts }));
  }
}

function sendError(response: ServerResponse, status: number, retryAfter?: number): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: 'an error of the demo source' }));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}');
  } catch {
    return undefined;
  }
}

/** Only an object says which faults to change; anything else is left for the schema to refuse. */
const withUsual = (usual: Faults, body: unknown): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...usual, ...body } : body;
