import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { BadAnswer } from './faults.ts';

/** How each bad answer is given. `body` is what a good one would have said. */
export const GIVE: Readonly<Record<BadAnswer, (response: ServerResponse, body: string) => void>> = {
  none: (response, body) => json(response, body),
  bad_json: (response, body) => json(response, body.slice(0, -2)),
  wrong_schema: (response) => json(response, '{"surprise":true}'),
  drip: (response, body) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.flushHeaders();
    let sent = 0;
    const timer = setInterval(() => {
      response.write(body[sent++]);
      if (sent === body.length) response.end();
    }, 100);
    response.once('close', () => clearInterval(timer));
  },
  hang: () => undefined,
  refuse: (response) => void response.socket?.resetAndDestroy(),
  cut_short: (response, body) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) + 100 });
    response.write(body, () => response.socket?.end());
  },
  redirect: (response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end();
  },
  oversized: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(65_536, ' ');
    const fill = (): void => {
      while (!response.destroyed)
        if (!response.write(chunk)) return void response.once('drain', fill);
    };
    fill();
  },
  compressed: (response, body) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(body));
  },
  garbage: (response) => void response.socket?.end('SSH-2.0-not-http\r\n\r\n'),
  no_content: (response) => void response.writeHead(204).end(),
};

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
