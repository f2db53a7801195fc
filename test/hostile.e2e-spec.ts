import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { answerUnderWay } from '../src/http/listener/connections.ts';
import { ProblemSchema } from '../src/http/problem/problem.ts';
import { SECURITY_HEADERS } from '../src/http/security-headers.ts';
import {
  brokenRequest,
  hostileHeaders,
  hostileId,
  hostileQuery,
  type Hostile,
} from './support/hostile.ts';
import { exchange, type Exchange, type RawAnswer } from './support/raw-client.ts';
import { answerOf, QUIET, TestService, until } from './support/service.ts';
import { seededRandom } from './support/virtual-clock.ts';

/** More than two thousand hostile inputs over real sockets, other ones each time. */

const seed = Number(process.env.HOSTILE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = seededRandom(seed);

let service: TestService;
/** The service's end of every connection, by the port of ours. */
const sockets = new Map<number | undefined, Socket>();
beforeAll(async () => {
  process.stdout.write(`hostile inputs: HOSTILE_SEED=${seed} sends the same again\n`);
  service = await TestService.start(QUIET);
  service.app.server.on('connection', (socket: Socket) => sockets.set(socket.remotePort, socket));
});
afterAll(() => service.stop());
beforeEach(() => service.script());

/** A head is timed out after 5 s and a body after 10 s, looked at every second. */
const HANG_MS = 13_000;
const AT_ONCE = 50;

const list = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const get = (target: string, headers = ''): Hostile => ({
  pieces: [`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`],
});

function isBusy(port: number | undefined): boolean {
  const socket = sockets.get(port);
  return socket !== undefined && answerUnderWay(socket)?.req.complete === true;
}

/** Sends each over a connection of its own; those that are still waited for do not hold up the others. */
async function sendAll(inputs: readonly Hostile[]): Promise<[Hostile, Exchange][]> {
  const outcomes: Promise<[Hostile, Exchange]>[] = [];
  for (let from = 0; from < inputs.length; from += AT_ONCE) {
    const settled = inputs.slice(from, from + AT_ONCE).map(
      (input) =>
        new Promise<void>((resolve) => {
          const patience = { withinMs: HANG_MS, isBusy, onSettled: resolve };
          outcomes.push(
            exchange(service.port, input.pieces, patience).then((outcome) => [input, outcome]),
          );
        }),
    );
    await Promise.race([Promise.all(settled), new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  return Promise.all(outcomes);
}

const STATUSES = new Set([200, 204, 400, 403, 404, 405, 408, 413, 414, 417, 431]);
const INTERNALS =
  /127\.0\.0\.1|localhost|node_modules|\/src\/|\.[jt]s\b|\bat \w+|Error\b|E[A-Z]{6,}|fastify|FST_/;

/** What holds for every answer to anything. */
function expectDecent(answer: RawAnswer): void {
  const { status, headers } = answer;
  const body = lastWordOf(answer);
  if (status === 100) return;
  expect(STATUSES).toContain(status);
  expect(headers).toMatchObject(SECURITY_HEADERS);
  expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
  expect(headers['cache-control']).toMatch(/no-(cache|store)/);
  expect(headers).not.toHaveProperty('server');
  expect(headers).not.toHaveProperty('x-powered-by');
  if (body === '') return;
  const {
    instance: _path,
    userId: _id,
    data: _theirs,
    ...ours
  } = JSON.parse(body) as Record<string, unknown>;
  expect(JSON.stringify(ours)).not.toMatch(INTERNALS);
  if (status < 400) return;
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(ProblemSchema.parse(JSON.parse(body))).toMatchObject({ status });
}

const isStream = ({ headers }: RawAnswer): boolean =>
  headers['content-type']?.startsWith('text/event-stream') === true;

/** The body; of a stream, the event that ends it. */
function lastWordOf(answer: RawAnswer): string {
  if (!isStream(answer) || answer.body === '') return answer.body;
  return /\nevent: (?:complete|error)\ndata: (.*)\n\n$/.exec(answer.body)?.[1] ?? 'cut short';
}

/** How often the sources were asked, going by an answer; one without a body tells less than it did. */
function claimed(answer: RawAnswer): number {
  const { headers } = answer;
  const body = lastWordOf(answer);
  if (headers['x-aggregation-complete'] === undefined && !isStream(answer)) return 0;
  if (body === '') return 3;
  const { sources } = JSON.parse(body) as { sources: Record<string, { attempts: number }> };
  return Object.values(sources).reduce((sum, { attempts }) => sum + Math.max(1, attempts), 0);
}

function expectAllDecent(outcomes: readonly [Hostile, Exchange][]): void {
  let asked = 0;
  for (const [input, outcome] of outcomes) {
    try {
      // What is neither answered nor closed has failed already, as a hang.
      for (const answer of outcome.answers) expectDecent(answer);
      if (outcome.answers.at(-1)?.headers.connection === 'close')
        expect(outcome.isClosed).toBe(true);
      asked += outcome.answers.reduce((sum, answer) => sum + claimed(answer), 0);
    } catch (error) {
      const what = `HOSTILE_SEED=${seed}: ${JSON.stringify([input, outcome])}`;
      throw new Error(what, { cause: error });
    }
  }
  // Nothing was asked for an input that was refused.
  expect(service.asked).toBeLessThanOrEqual(asked);
}

const ID = /^[A-Za-z0-9_-][A-Za-z0-9._~@:-]{0,127}$/;

function isId(text: string): boolean {
  try {
    return ID.test(decodeURIComponent(text));
  } catch {
    return false;
  }
}

it('700 ids that are none: a 400 that says so, and no source is asked', async () => {
  const ids: string[] = [];
  while (ids.length < 700) {
    const id = hostileId(random);
    if (!isId(id)) ids.push(id);
  }
  const outcomes = await sendAll(ids.map((id) => get(`/dashboard/${id}`)));
  expectAllDecent(outcomes);
  expect(service.asked).toBe(0);
  for (const [input, { answers }] of outcomes) {
    expect([input, answers.map(({ status }) => status)]).toEqual([input, [400]]);
    const { errors } = ProblemSchema.parse(JSON.parse(answers[0]?.body ?? ''));
    // Bytes that no URL may have never became a request.
    if (/^[!-~]*$/.test(input.pieces[0]?.split(' ')[1] ?? ''))
      expect([input, errors?.[0]?.field]).toEqual([input, 'user_id']);
  }
});

it('500 queries', async () => {
  const outcomes = await sendAll(list(500, () => get(`/dashboard/41${hostileQuery(random)}`)));
  expectAllDecent(outcomes);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

it('400 sets of headers', async () => {
  const targets = ['/dashboard/41', '/dashboard/%20', '/health/live', '/nope'];
  const outcomes = await sendAll(
    list(400, () => get(targets[Math.floor(random() * 4)] ?? '', hostileHeaders(random))),
  );
  expectAllDecent(outcomes);
});

it('900 broken requests', async () => {
  expectAllDecent(await sendAll(list(900, () => brokenRequest(random))));
}, 60_000);

it('after all that it serves, and holds nothing', async () => {
  const response = await service.request('/dashboard/41');
  expect(response.status).toBe(200);
  expect(answerOf(response).status).toBe('success');
  expect(service.held.every((count) => count === 0)).toBe(true);
  await until(() => service.app.connections.busy === 0, 'no request is under way');
});
