import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SourceName } from '../src/clients/sources.ts';
import type { Faults } from '../demo/faults.ts';
import { cleanups } from './support/cleanups.ts';
import { exchange } from './support/raw-client.ts';
import { aboutRequests, lineOf, linesOf, type Line } from './support/log-lines.ts';
import { until } from './support/service.ts';
import {
  ask,
  CALLER,
  newTraceId,
  otlpTo,
  SourcePairs,
  STEADY,
  type RunningService,
} from './support/traced-service.ts';

/** The lines that a process writes about its requests. */

/** Whatever a caller or a source says that is nobody's business has this word in it. */
const SECRET = 'hush';

const sources = new SourcePairs({
  user: { id: `${SECRET}-1`, name: SECRET, email: `${SECRET}@example.org` },
});
const { later } = cleanups();

beforeAll(async () => {
  await sources.listen();
}, 120_000);
afterAll(() => sources.close());
beforeEach(() => sources.reset());

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const running = await sources.start({ ...STEADY, SOURCE_RETRIES: '0', ...env });
  later(() => running.process.kill());
  return running;
}

function script(name: SourceName, faults: Partial<Faults>): void {
  for (const source of sources.of[name]) source.faults = { ...source.faults, ...faults };
}

/** An issuer that is never there: every token is refused or cannot be judged. */
const JWT = {
  AUTH_MODE: 'jwt',
  JWT_JWKS_URL: 'http://127.0.0.1:1/',
  JWT_ISSUER: 'https://issuer.test',
  JWT_AUDIENCE: 'dashboards',
};

const FAILING = { errorRate: 1, errorStatus: 500 };

describe('by default', () => {
  it('a plain success has no line, and what was none has one, with ids, times and reasons', async () => {
    const { process, port } = await start();
    await ask(port, '/dashboard/42', { 'x-request-id': 'good' });
    script('orders', FAILING);
    const traceId = newTraceId();
    await ask(port, '/dashboard/42', {
      'x-request-id': 'partial',
      traceparent: `00-${traceId}-${CALLER}-01`,
    });
    expect(await lineOf(process, 'partial')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      msg: 'partial answer',
      requestId: 'partial',
      traceId,
      status: 'partial_success',
      statusCode: 200,
      durationMs: expect.any(Number),
      sources: {
        user: { status: 'fresh', elapsedMs: expect.any(Number), attempts: 1 },
        orders: {
          status: 'missing',
          reason: 'upstream_error',
          elapsedMs: expect.any(Number),
          attempts: 1,
        },
        recommendations: { status: 'fresh', elapsedMs: expect.any(Number), attempts: 1 },
      },
    });
    expect(aboutRequests(process)).toHaveLength(1);
  });

  it('failures, refusals, unknown users and callers that leave have one each', async () => {
    const { process, port } = await start();
    script('user', { errorRate: 1, errorStatus: 404 });
    await ask(port, '/dashboard/42', { 'x-request-id': 'unknown' });
    script('user', FAILING);
    await ask(port, '/dashboard/42?include=user', { 'x-request-id': 'failed' });
    await ask(port, '/dashboard/42?include=nobody', { 'x-request-id': 'refused' });
    await ask(port, '/elsewhere', { 'x-request-id': 'lost' });
    script('user', { errorRate: 0, badAnswer: 'hang' });
    const headers = { 'x-request-id': 'left' };
    const leaving = http
      .get({ host: '127.0.0.1', port, path: '/dashboard/42', headers, agent: false })
      .on('error', () => undefined);
    const asked = sources.of.user[0].seen.length;
    await until(() => sources.of.user[0].seen.length > asked, 'it is under way');
    leaving.destroy();
    const expected: Readonly<Record<string, Partial<Line>>> = {
      unknown: { level: 'info', msg: 'no such user', status: 'not_found', statusCode: 404 },
      failed: { level: 'warn', msg: 'failure', status: 'failure', statusCode: 502 },
      refused: { level: 'info', msg: 'rejected', status: 'rejected', statusCode: 400 },
      lost: { level: 'info', msg: 'rejected', status: 'rejected', statusCode: 404 },
      left: { level: 'info', msg: 'cancelled by the caller', status: 'cancelled', statusCode: 0 },
    };
    for (const [id, line] of Object.entries(expected))
      expect(await lineOf(process, id)).toMatchObject(line);
    expect((await lineOf(process, 'failed'))['sources']).toMatchObject({
      user: { status: 'missing', reason: 'upstream_error', attempts: 1 },
    });
  });

  it('a flood of them has a hundred lines a second, and a number', async () => {
    const { process, port } = await start();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
    later(() => agent.destroy());
    const refused = () =>
      new Promise<void>((resolve, reject) => {
        http
          .get({ host: '127.0.0.1', port, path: '/dashboard/!', agent }, (response) =>
            response.resume().on('end', resolve),
          )
          .on('error', reject);
      });
    await Promise.all(Array.from({ length: 2_000 }, refused));
    const leftOut = () =>
      linesOf(process).filter(({ msg }) => msg === 'more requests than lines in the log');
    const counted = () =>
      leftOut().reduce((sum, { count }) => sum + Number(count), aboutRequests(process).length);
    await until(() => counted() >= 2_000, 'all are told of');
    expect(counted()).toBe(2_000);
    expect(leftOut().length).toBeGreaterThan(0);
  });

  it('those who ask too often are counted', async () => {
    const { process, port } = await start({ RATE_LIMIT_RPS: '1', RATE_LIMIT_BURST: '1' });
    await Promise.all(Array.from({ length: 20 }, () => ask(port, '/dashboard/42')));
    await until(() => process.output.includes('rate limited'), 'it is told');
    expect(aboutRequests(process)).toEqual([]);
    expect(linesOf(process).filter(({ msg }) => msg === 'rate limited')).toHaveLength(1);
  });
});

it('with LOG_REQUESTS=all every request has a line, but for probes and documents', async () => {
  const { process, port } = await start({ LOG_REQUESTS: 'all' });
  for (const path of ['/health/live', '/health/ready', '/openapi.json']) await ask(port, path);
  await ask(port, '/dashboard/42', { 'x-request-id': 'good' });
  expect(await lineOf(process, 'good')).toMatchObject({
    level: 'info',
    msg: 'answer',
    status: 'success',
  });
  expect(aboutRequests(process)).toHaveLength(1);
});

it('with LOG_REQUESTS=none there is none', async () => {
  const { process, port } = await start({ LOG_REQUESTS: 'none' });
  script('user', FAILING);
  await ask(port, '/dashboard/42');
  await ask(port, '/dashboard/42?include=nobody');
  process.signal('SIGINT');
  await process.exitCode();
  expect(aboutRequests(process)).toEqual([]);
});

it('where the service traces, the line has the id of the trace that it began', async () => {
  const { process, port } = await start(otlpTo('http://127.0.0.1:1'));
  script('orders', FAILING);
  await ask(port, '/dashboard/42', { 'x-request-id': 'partial' });
  const [sent] = sources.headers('user', 'traceparent');
  expect((await lineOf(process, 'partial'))['traceId']).toBe(sent?.split('-')[1]);
});

it('with LOG_FORMAT=pretty it is one line for people', async () => {
  const { process, port } = await start({ LOG_FORMAT: 'pretty' });
  script('orders', FAILING);
  await ask(port, '/dashboard/42', { 'x-request-id': 'partial' });
  await until(() => process.output.includes('partial answer'), 'the line is there');
  const [line, ...more] = process.output.split('\n').filter((each) => each.includes('partial'));
  expect(more).toEqual([]);
  expect(line).toMatch(/WARN.*partial answer.*upstream_error/);
});

describe('nothing that is nobody else’s business is in any line', () => {
  const email = `${SECRET}%40example.org`;
  const hostile: readonly (readonly [string, Record<string, string>])[] = [
    [`/dashboard/${SECRET}`, {}],
    [`/dashboard/${SECRET}@example.org?token=${SECRET}&include=${SECRET}`, {}],
    [`/dashboard/${email}/${SECRET}`, {}],
    [`/dashboard/!${SECRET}`, {}],
    [`/dashboard/%00${SECRET}`, {}],
    [`/dashboard/%ff${SECRET}`, {}],
    [`/${SECRET}?token=${SECRET}`, {}],
    [`/dashboard/42?include=user&require=${SECRET}&explain=${SECRET}`, {}],
    ['/dashboard/42', { authorization: `Bearer ${SECRET}`, cookie: `session=${SECRET}` }],
    ['/dashboard/42', { 'x-request-id': `"${SECRET}"`, 'user-agent': SECRET }],
    ['/dashboard/42', { traceparent: `00-${SECRET}`, tracestate: `a=${SECRET}`, baggage: SECRET }],
    ['/dashboard/42', { 'x-request-timeout-ms': SECRET, 'x-forwarded-for': SECRET }],
    ['/dashboard/42', { 'accept-language': SECRET, accept: SECRET, referer: `http://${SECRET}/` }],
  ];

  it.each<[string, Partial<Faults>, Record<string, string>]>([
    ['answer', {}, {}],
    ['fail', FAILING, {}],
    ['know nobody', { errorRate: 1, errorStatus: 404 }, {}],
    ['answer with half a JSON', { badAnswer: 'bad_json' }, {}],
    ['answer with something else', { badAnswer: 'wrong_schema' }, {}],
    ['break off', { badAnswer: 'cut_short' }, {}],
    ['answer, and tokens are asked for', {}, JWT],
  ])('when sources %s', async (_what, faults, env) => {
    const { process, port } = await start({
      LOG_REQUESTS: 'all',
      LOG_LEVEL: 'trace',
      FORWARD_AUTHORIZATION: 'true',
      EXPLAIN: 'on',
      ...env,
    });
    for (const name of ['user', 'orders', 'recommendations'] as const) script(name, faults);
    for (const [path, headers] of hostile) await ask(port, path, headers);
    await exchange(
      port,
      `POST /dashboard/${SECRET} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n${SECRET}`,
    );
    await exchange(port, `GET /dashboard/${SECRET} HTTP/9.9\r\n${SECRET}: ${SECRET}\r\n\r\n`);
    await ask(port, '/dashboard/42?include=nobody', { 'x-request-id': 'the-last' });
    await lineOf(process, 'the-last');
    expect(aboutRequests(process).length).toBeGreaterThanOrEqual(hostile.length);
    for (const line of linesOf(process)) expect(JSON.stringify(line)).not.toContain(SECRET);
    expect(process.output).not.toContain('example.org');
  });
});
