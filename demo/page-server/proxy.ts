import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** Passes a GET on to another origin and its answer back as it comes; who hangs up here is hung up on there. */
export function passOn(origin: string, request: IncomingMessage, response: ServerResponse): void {
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const { hostname, port } = new URL(origin);
  const upstream = http.request({ hostname, port, path: request.url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    pipeline(answer, response, () => undefined);
  });
  upstream.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  response.once('close', () => upstream.destroy());
  upstream.end();
}
