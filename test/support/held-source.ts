import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './service.ts';

/** A source that answers when a test says so, and not before. */
export class HeldSource {
  /** Hung up on before they were answered. */
  aborted = 0;
  private readonly held: ServerResponse[] = [];
  private readonly server = createServer((_request, response) => {
    this.held.push(response);
    response.once('close', () => {
      if (!response.writableFinished) this.aborted += 1;
    });
  });

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits until it holds so many requests. */
  holds(count = 1): Promise<void> {
    return until(() => this.held.length >= count, `it is asked ${count} time(s)`, 15_000);
  }

  /** Waits for a request, and gives all that are held this answer. */
  async answer(body: unknown, status = 200): Promise<void> {
    await this.holds();
    const text = JSON.stringify(body);
    for (const response of this.held.splice(0))
      response.writeHead(status, { 'content-length': Buffer.byteLength(text) }).end(text);
  }

  async fail(status = 500): Promise<void> {
    await this.answer({}, status);
  }

  /** Waits until so many were hung up on. */
  isLeft(count = 1): Promise<void> {
    return until(() => this.aborted === count, `${count} call(s) are cancelled`);
  }

  /** As if nothing had reached it. */
  forget(): void {
    for (const response of this.held.splice(0)) response.destroy();
    this.aborted = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
