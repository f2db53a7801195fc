import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOf, PROBLEM_CONTENT_TYPE, statusProblem } from '../../http/problem/problem.ts';
import { answer, type ManagementRoute } from '../management-route.ts';
import { consoleFiles, type PageFile } from './console.files.ts';
import type { Consoles } from './feed/consoles.ts';

/** The live console: its page at the root, what the page is made of, and the feed that it shows. */

/** Its own scripts and styles, and nothing from elsewhere. */
const PAGE_CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ASSETS = '/assets/';

/** @param stop called when the listener closes */
export function consoleRoutes(consoles: Consoles, stop: () => void): readonly ManagementRoute[] {
  let files: ReadonlyMap<string, PageFile> | undefined;
  const give = (response: ServerResponse, path: string): void => {
    files ??= consoleFiles();
    const file = files.get(path);
    if (file === undefined) return notFound(response, path);
    response.setHeader('content-security-policy', PAGE_CONTENT_SECURITY_POLICY);
    answer(response, file.contentType, file.body);
  };
  return [
    { path: '/', handle: (_request, response) => give(response, 'page/index.html') },
    {
      path: `${ASSETS}*`,
      handle: ({ url }, response) => give(response, pathOf(url ?? '').slice(ASSETS.length)),
    },
    {
      path: '/events',
      handle: (request, response) => openFeed(consoles, request, response),
      close: () => {
        stop();
        consoles.close();
      },
    },
  ];
}

function openFeed(consoles: Consoles, { method }: IncomingMessage, response: ServerResponse): void {
  if (method === 'HEAD')
    return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
  if (!consoles.open(response))
    response.writeHead(503, { 'retry-after': '5', 'content-type': 'text/plain' }).end('too many\n');
}

function notFound(response: ServerResponse, path: string): void {
  const requestId = String(response.getHeader('x-request-id'));
  response
    .writeHead(404, { 'content-type': PROBLEM_CONTENT_TYPE })
    .end(JSON.stringify({ ...statusProblem(404), instance: `${ASSETS}${path}`, requestId }));
}
