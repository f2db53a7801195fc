import { describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { VirtualClock } from '../../test/support/virtual-clock.ts';
import type { RequestEnd, RequestStatus } from '../context/request/request-end.ts';
import { RequestLog } from './request.log.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const PARTIAL: RequestEnd = {
  status: 'partial_success',
  statusCode: 200,
  requestId: 'request-1',
  traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
  durationMs: 1442.1234,
  slackMs: 57,
  sections: [
    {
      source: 'user',
      status: 'stale',
      reason: 'circuit_open',
      elapsedMs: 1.04,
      ageMs: 61_023.141067,
      attempts: 0,
    },
    { source: 'orders', status: 'fresh', elapsedMs: 38.26, attempts: 1 },
    {
      source: 'recommendations',
      status: 'missing',
      reason: 'timeout',
      elapsedMs: 1440,
      attempts: 2,
    },
  ],
};
const SUCCESS: RequestEnd = { ...PARTIAL, status: 'success' };
const LIMITED: RequestEnd = {
  ...PARTIAL,
  status: 'rejected',
  statusCode: 429,
  sections: undefined,
};
const SHED: RequestEnd = { ...PARTIAL, status: 'shed', statusCode: 503, sections: undefined };

function logUnderTest(all = false) {
  const clock = new VirtualClock();
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  return { clock, lines, log: new RequestLog(logger, clock, all) };
}

const written = (end: RequestEnd, all = false) => {
  const { log, lines } = logUnderTest(all);
  log.requestEnded(end);
  return lines;
};

describe('the line of a request', () => {
  it('says how it ended, how long it took, and why which source is not fresh', () => {
    expect(written(PARTIAL)).toEqual([
      {
        level: 'warn',
        msg: 'partial answer',
        requestId: 'request-1',
        traceId: TRACE,
        status: 'partial_success',
        statusCode: 200,
        durationMs: 1442.1,
        sources: {
          user: {
            status: 'stale',
            reason: 'circuit_open',
            elapsedMs: 1,
            ageMs: 61_023.1,
            attempts: 0,
          },
          orders: { status: 'fresh', elapsedMs: 38.3, attempts: 1 },
          recommendations: { status: 'missing', reason: 'timeout', elapsedMs: 1440, attempts: 2 },
        },
      },
    ]);
  });

  it.each<[RequestStatus, number, string, string]>([
    ['partial_success', 200, 'warn', 'partial answer'],
    ['failure', 504, 'warn', 'failure'],
    ['not_found', 404, 'info', 'no such user'],
    ['rejected', 400, 'info', 'rejected'],
    ['cancelled', 0, 'info', 'cancelled by the caller'],
  ])('that ended with %s (%s) is written at level %s: %s', (status, statusCode, level, msg) => {
    expect(written({ ...PARTIAL, status, statusCode })).toMatchObject([
      { level, msg, status, statusCode },
    ]);
  });

  it('holds of a section only what is listed: neither its data nor its message', () => {
    const section = { ...PARTIAL.sections?.[1], data: 'hush', message: 'hush' };
    const lines = written({ ...PARTIAL, sections: [section as never] });
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('hush');
  });

  it.each([undefined, 'hush', `00-${TRACE}-hush-01`])(
    'has no trace id where the traceparent is %j',
    (traceparent) => {
      const [line] = written({ ...PARTIAL, traceparent });
      expect(line).not.toHaveProperty('traceId');
      expect(JSON.stringify(line)).not.toContain('hush');
    },
  );

  it('of one that asked no source has no sources', () => {
    expect(written({ ...PARTIAL, sections: undefined })[0]).not.toHaveProperty('sources');
  });
});

describe('the log of what was not a plain success', () => {
  it('has no line of a success, and none of the shed, whom somebody else counts', () => {
    expect([...written(SUCCESS), ...written(SHED)]).toEqual([]);
  });

  it('counts those who ask too often: a line at once, then a number every 10 s', () => {
    const { log, lines, clock } = logUnderTest();
    for (let n = 0; n < 1_000; n += 1) log.requestEnded(LIMITED);
    clock.advance(10_000);
    log.requestEnded(LIMITED);
    expect(lines).toEqual([
      { level: 'info', msg: 'rate limited', count: 1 },
      { level: 'info', msg: 'rate limited', count: 1_000 },
    ]);
  });

  it('has a hundred lines a second and then one with the number of the others', () => {
    const { log, lines, clock } = logUnderTest();
    for (let n = 0; n < 1_000; n += 1) log.requestEnded(PARTIAL);
    expect(lines).toHaveLength(100);
    clock.advance(1_000);
    expect(lines.slice(100)).toEqual([
      { level: 'warn', msg: 'more requests than lines in the log', count: 900 },
    ]);
  });
});

it('the log of all has a line of every request, however many', () => {
  const { log, lines } = logUnderTest(true);
  for (let n = 0; n < 500; n += 1) log.requestEnded(PARTIAL);
  for (const end of [SUCCESS, SHED, LIMITED]) log.requestEnded(end);
  expect(lines).toHaveLength(503);
  expect(lines.slice(-3)).toMatchObject([
    { level: 'info', msg: 'answer', status: 'success' },
    { level: 'info', msg: 'shed', status: 'shed' },
    { level: 'info', msg: 'rejected', statusCode: 429 },
  ]);
});
