import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ALLOWED } from '../methods.ts';
import { headersOfEvery, requestIdOf } from '../incoming.ts';
import { announcesTooMuch, discardBody, hasBody } from './body.ts';
import { answerMalformed, refuseTunnel } from './client-error.ts';
import { faultOf } from './head.ts';
import * as limits from './limits.ts';
import { isRefused, refuse, type Fault } from './refusal.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The server of a listener. Only what is a whole and well-formed request goes on to the handler; everything else is
 * answered here, with a problem where there is somebody to answer, and its connection is closed.
 */
export function strictServer(handle: Handler): Server {
  const server = createServer({
    maxHeaderSize: limits.MAX_HEAD_BYTES,
    headersTimeout: limits.HEADERS_TIMEOUT_MS,
    requestTimeout: limits.REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: limits.CHECK_INTERVAL_MS,
    keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
    // Nothing of a request is dropped without a word: a second Authorization makes the first one wrong.
    joinDuplicateHeaders: true,
    // Node would answer without our headers.
    requireHostHeader: false,
  });
  const serve = unlessRefused(passing(handle));
  server.on('request', serve);
  server.on(
    'checkContinue',
    unlessRefused((request, response) => {
      if (faultOf(request) === undefined && !announcesTooMuch(request)) response.writeContinue();
      serve(request, response);
    }),
  );
  server.on(
    'checkExpectation',
    unlessRefused((request, response) => refuse(request, response, EXPECTATION)),
  );
  server.on('connect', refuseTunnel);
  server.on('clientError', answerMalformed);
  return server;
}

const EXPECTATION: Fault = { status: 417, detail: 'only 100-continue can be expected' };

/** What came right behind a refused request, in the same packet, is not looked at. */
const unlessRefused =
  (serve: Handler): Handler =>
  (request, response) => {
    if (!isRefused(request.socket)) serve(request, response);
  };

/** This much is looked at for every request: it has to be cheap. */
const passing =
  (handle: Handler): Handler =>
  (request, response) => {
    const fault = faultOf(request);
    if (fault !== undefined) return refuse(request, response, fault);
    const next = isAboutServer(request) ? answerForServer : handle;
    if (hasBody(request)) discardBody(request, response, () => next(request, response));
    else next(request, response);
  };

/** `OPTIONS *` asks about the server, not about a path of it. */
const isAboutServer = ({ url, method }: IncomingMessage): boolean =>
  url === '*' && method === 'OPTIONS';

function answerForServer(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, { ...headersOfEvery(requestIdOf(request)), allow: ALLOWED }).end();
}
