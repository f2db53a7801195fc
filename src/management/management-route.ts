import type { IncomingMessage, ServerResponse } from 'node:http';

/** One thing that operators can read. */
export interface ManagementRoute {
  /** This path and no other; one that ends in `/*` stands for every path below it. */
  readonly path: string;
  /** Answers a GET or a HEAD; the headers that every answer carries are set. Node sends no body after a HEAD. */
  handle(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  /** Ends the answers that it keeps open: the listener closes. */
  close?(): void;
}

/** A whole answer. */
export function answer(response: ServerResponse, contentType: string, body: string | Buffer): void {
  response
    .writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) })
    .end(body);
}
