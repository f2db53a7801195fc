import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningService } from '../sources.ts';
import { Controls } from './controls.ts';
import { pageFiles } from './page-files.ts';
import { passOn } from './proxy.ts';
import { Traffic } from './traffic.ts';

/** Where the page finds what it shows. */
export interface PagePlaces {
  /** Origin of the service. */
  readonly service: string;
  /** Origin of its private listener. */
  readonly management: string;
  /** Where the page is served; another one where it is taken. */
  readonly port: number;
}

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The demo page, from one origin: its files, what it does to the sources, and the way to the service behind it. */
export class PageServer {
  readonly traffic: Traffic;
  private readonly places: PagePlaces;
  private readonly controls: Controls;
  private readonly files = pageFiles();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  constructor(services: readonly RunningService[], places: PagePlaces) {
    this.places = places;
    this.controls = new Controls(services);
    this.traffic = new Traffic(places.service);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** On loopback: it breaks things. */
  async listen(): Promise<void> {
    const listen = (port: number): Promise<void> =>
      new Promise((resolve, reject) => {
        this.server.once('error', reject).listen(port, '127.0.0.1', () => resolve());
      });
    await listen(this.places.port).catch(() => listen(0));
  }

  async close(): Promise<void> {
    this.traffic.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (request.method === 'PUT') return this.change(path, request, response);
    if (path.startsWith('/dashboard/')) return passOn(this.places.service, request, response);
    if (path === '/sources') return passOn(this.places.management, request, response);
    if (path === '/state') return this.tellState(response);
    const file = this.files.get(path === '/' ? '/demo/page/index.html' : path);
    if (file === undefined) return void response.writeHead(404).end();
    const headers = { 'content-security-policy': CONTENT_SECURITY_POLICY };
    response.writeHead(200, { 'content-type': file.contentType, ...headers }).end(file.body);
  }

  private tellState(response: ServerResponse): void {
    this.traffic.looked();
    const { service, management } = this.places;
    const { isOn, perSecond } = this.traffic;
    const state = {
      services: this.controls.state,
      traffic: { isOn, perSecond },
      consoleUrl: `${management}/`,
      docsUrl: `${service}/docs`,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(state));
  }

  /** `PUT /faults/orders`, `PUT /instances/orders/0`, `PUT /traffic` */
  private async change(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const [, what, name = '', at] = path.split('/');
    const body = await jsonOf(request);
    const isUp = body?.['isOn'] === true;
    let isDone = false;
    if (what === 'faults') isDone = this.controls.breakService(name, body);
    if (what === 'instances') isDone = await this.controls.turn(name, Number(at), isUp);
    if (what === 'traffic') {
      this.traffic.isOn = isUp;
      isDone = true;
    }
    response.writeHead(isDone ? 204 : 400).end();
  }
}

/** Undefined where it is not an object. */
async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
